import type { Problem } from '../base/problem.ts';
import type { BodySink } from '../codec/tar/reader.ts';
import type { LayerFile } from '../rootfs/layer-reader.ts';
import type { Cataloger } from './cataloger.ts';
import { mayBeExecutable, type Dispatch } from './dispatch.ts';
import { FactBudget } from './fact-budget.ts';
import { readFile, tooLargeProblem, type FileReading } from './file-reading.ts';
import { GrowingBuffer } from './growing-buffer.ts';
import { isProgram, programMagicSize } from './is-program.ts';

/** A file that waits for its neighbours: the end of the layer. */
interface Waiting {
  readonly file: LayerFile;
  readonly bytes: Buffer;
  readonly catalogers: readonly Cataloger[];
}

/** Bytes of neighbour files, and of files that wait for neighbours, that are kept for one layer. */
const defaultMaxKeptBytes = 384 * 2 ** 20;

/**
 * Runs the catalogers over the files of one layer as they go by. One buffer serves all files, and a file's bytes are
 * gone once it was read.
 *
 * What goes wrong with a file is part of its reading, at most once, so it counts only when the file is seen in the whole
 * image.
 */
export class LayerCataloger {
  readonly #dispatch: Dispatch;
  readonly #maxKeptBytes: number;
  readonly #buffer = new GrowingBuffer();
  readonly #readings: FileReading[] = [];
  readonly #siblings = new Map<string, Buffer>();
  readonly #waiting: Waiting[] = [];
  readonly #facts: FactBudget;
  #keptBytes = 0;

  constructor(dispatch: Dispatch, maxKeptBytes: number = defaultMaxKeptBytes, facts: FactBudget = new FactBudget()) {
    this.#facts = facts;
    this.#dispatch = dispatch;
    this.#maxKeptBytes = maxKeptBytes;
  }

  /** A visitor for `LayerReader`: takes the bytes of files that some cataloger wants. */
  visit(file: LayerFile): BodySink | undefined {
    if (this.#facts.isSpent) return undefined;
    if (file.size === 0) return this.#visitEmpty(file);
    if (this.#dispatch.isSibling(file.path)) return this.#keepSibling(file);
    const chosen = this.#dispatch.select(file.path);
    const probe = this.#dispatch.executables.length > 0 && mayBeExecutable(file.path, file.mode, file.size);
    if (chosen.length === 0 && !probe) return undefined;
    const wanted = fitting(chosen, file.size);
    if (wanted.length === 0 && !probe) {
      this.#refuse(file, chosen);
      return undefined;
    }
    return this.#collect(file, chosen, probe);
  }

  /** Reads what waited for neighbours, and gives all readings. */
  finish(): readonly FileReading[] {
    for (const { file, bytes, catalogers } of this.#waiting) this.#read(file, bytes, catalogers);
    this.#waiting.length = 0;
    this.#siblings.clear();
    this.#buffer.release();
    return this.#readings;
  }

  /** What was left out of the layer as a whole. @param subject names the layer */
  problems(subject: string): readonly Problem[] {
    return this.#facts.isSpent ? [this.#facts.problem(subject)] : [];
  }

  /** An empty file has no bytes to wait for; its neighbours could say nothing that mends it. */
  #visitEmpty(file: LayerFile): undefined {
    const takers = this.#dispatch.select(file.path).filter(({ readsEmpty }) => readsEmpty === true);
    if (takers.length > 0) this.#read(file, Buffer.alloc(0), takers);
  }

  #collect(file: LayerFile, chosen: readonly Cataloger[], probe: boolean): BodySink {
    const buffer = this.#buffer;
    // Of a file that nobody would read whole, only the first bytes are looked at.
    const takers = fitting(probe ? [...chosen, ...this.#dispatch.executables] : chosen, file.size);
    buffer.start(takers.length > 0 ? file.size : 0);
    let wanted = fitting(chosen, file.size);
    let undecided = probe;
    if (!probe) this.#refuse(file, chosen);
    const decide = (): void => {
      undecided = false;
      const all = isProgram(buffer.bytes()) ? [...new Set([...chosen, ...this.#dispatch.executables])] : chosen;
      this.#refuse(file, all);
      wanted = fitting(all, file.size);
    };
    return {
      data: (chunk) => {
        buffer.append(chunk);
        if (undecided && buffer.length >= programMagicSize) decide();
        return undecided || wanted.length > 0;
      },
      end: () => {
        if (wanted.length > 0) this.#hold(file, buffer.bytes(), wanted);
      },
    };
  }

  /** Reports a file that is too large for some of those that it was chosen for. */
  #refuse(file: LayerFile, chosen: readonly Cataloger[]): void {
    const refusing = chosen.filter((cataloger) => file.size > cataloger.maxBytes);
    // One problem for a file: that of the cataloger whose silence costs most.
    const [worst] = refusing.toSorted((a, b) => Number(b.essential ?? false) - Number(a.essential ?? false));
    if (worst !== undefined) this.#report(file, tooLargeProblem(file.path, file.size, worst));
  }

  #report({ path, entry }: LayerFile, problem: Problem): void {
    const reading = { path, entry, facts: [], problems: [problem] };
    this.#facts.take(reading);
    this.#readings.push(reading);
  }

  #keepSibling(file: LayerFile): BodySink | undefined {
    const before = this.#siblings.get(file.path)?.length ?? 0;
    if (this.#keptBytes - before + file.size > this.#maxKeptBytes) {
      this.#report(file, this.#noRoom(file, true));
      return undefined;
    }
    const chunks: Buffer[] = [];
    return {
      data: (chunk) => chunks.push(Buffer.from(chunk)) > 0,
      end: () => {
        this.#keptBytes += file.size - before;
        this.#siblings.set(file.path, Buffer.concat(chunks));
      },
    };
  }

  /** Reads a file now, or keeps it for those that need its neighbours. */
  #hold(file: LayerFile, bytes: Buffer, catalogers: readonly Cataloger[]): void {
    const needy = catalogers.filter(({ siblings, neighbours }) => siblings !== undefined || neighbours !== undefined);
    if (needy.length > 0) {
      if (this.#keptBytes + bytes.length > this.#maxKeptBytes) {
        const essential = needy.some((cataloger) => cataloger.essential === true);
        this.#report(file, this.#noRoom(file, essential));
      } else {
        this.#keptBytes += bytes.length;
        this.#waiting.push({ file, bytes: Buffer.from(bytes), catalogers: needy });
      }
    }
    const ready = catalogers.filter((cataloger) => !needy.includes(cataloger));
    if (ready.length > 0) this.#read(file, bytes, ready);
  }

  #noRoom(file: LayerFile, essential: boolean): Problem {
    const message = `The layer's package databases have more than ${this.#maxKeptBytes} bytes together; this one was not read`;
    return { code: 'FILE_TOO_LARGE', subject: file.path, message, ...(essential ? { incomplete: true } : {}) };
  }

  #read(file: LayerFile, bytes: Buffer, catalogers: readonly Cataloger[]): void {
    const folder = file.path.slice(0, file.path.lastIndexOf('/') + 1);
    const reading = readFile(file.path, file.entry, file.mode, bytes, catalogers, {
      sibling: (suffix) => this.#siblings.get(file.path + suffix),
      neighbour: (name) => this.#siblings.get(folder + name),
    });
    if (reading === undefined) return;
    if (this.#facts.take(reading)) this.#readings.push(reading);
  }
}

function fitting(catalogers: readonly Cataloger[], size: number): readonly Cataloger[] {
  return catalogers.filter((cataloger) => size <= cataloger.maxBytes);
}
