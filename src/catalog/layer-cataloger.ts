import type { Problem } from '../base/problem.ts';
import type { BodySink } from '../codec/tar/reader.ts';
import type { LayerFile } from '../rootfs/layer-reader.ts';
import type { Cataloger } from './cataloger.ts';
import { mayBeExecutable, type Dispatch } from './dispatch.ts';
import { readFile, tooLargeProblem, type FileReading } from './file-reading.ts';
import { GrowingBuffer } from './growing-buffer.ts';

/** A file that waits for its neighbours: the end of the layer. */
interface Waiting {
  readonly file: LayerFile;
  readonly bytes: Buffer;
  readonly catalogers: readonly Cataloger[];
}

/** Bytes of neighbour files, and of files that wait for neighbours, that are kept for one layer. */
const maxKeptBytes = 384 * 2 ** 20;

/**
 * Runs the catalogers over the files of one layer as they go by. One buffer serves all files, and a file's bytes are
 * gone once it was read.
 */
export class LayerCataloger {
  readonly #dispatch: Dispatch;
  readonly #buffer = new GrowingBuffer();
  readonly #readings: FileReading[] = [];
  readonly #problems: Problem[] = [];
  readonly #siblings = new Map<string, Buffer>();
  readonly #waiting: Waiting[] = [];
  #keptBytes = 0;

  constructor(dispatch: Dispatch) {
    this.#dispatch = dispatch;
  }

  /** A visitor for `LayerReader`: takes the bytes of files that some cataloger wants. */
  visit(file: LayerFile): BodySink | undefined {
    if (file.size === 0) return undefined;
    if (this.#dispatch.isSibling(file.path)) return this.#keepSibling(file);
    const chosen = this.#dispatch.select(file.path);
    const wanted = chosen.filter((cataloger) => file.size <= cataloger.maxBytes);
    for (const cataloger of chosen) {
      if (!wanted.includes(cataloger)) this.#problems.push(tooLargeProblem(file.path, file.size, cataloger));
    }
    const probe = this.#dispatch.executables.length > 0 && mayBeExecutable(file.path, file.mode, file.size);
    if (wanted.length === 0 && !probe) return undefined;
    return this.#collect(file, wanted, probe);
  }

  /** Reads what waited for neighbours, and gives all readings. */
  finish(): { readonly readings: readonly FileReading[]; readonly problems: readonly Problem[] } {
    for (const { file, bytes, catalogers } of this.#waiting) this.#read(file, bytes, catalogers);
    this.#waiting.length = 0;
    this.#buffer.release();
    return { readings: this.#readings, problems: this.#problems };
  }

  #collect(file: LayerFile, wanted: readonly Cataloger[], probe: boolean): BodySink {
    const buffer = this.#buffer;
    buffer.start(file.size);
    let catalogers = wanted;
    let undecided = probe;
    const { executables } = this.#dispatch;
    return {
      data: (chunk) => {
        buffer.append(chunk);
        if (undecided && buffer.length >= 4) {
          undecided = false;
          if (isProgram(buffer.bytes())) catalogers = this.#withExecutables(file, wanted, executables);
        }
        return undecided || catalogers.length > 0;
      },
      end: () => {
        if (catalogers.length > 0) this.#read(file, buffer.bytes(), catalogers, true);
      },
    };
  }

  #withExecutables(
    file: LayerFile,
    wanted: readonly Cataloger[],
    executables: readonly Cataloger[],
  ): readonly Cataloger[] {
    const fitting = executables.filter((cataloger) => file.size <= cataloger.maxBytes);
    if (fitting.length < executables.length) {
      const refusing = executables.find((cataloger) => file.size > cataloger.maxBytes) as Cataloger;
      this.#problems.push(tooLargeProblem(file.path, file.size, refusing));
    }
    return [...new Set([...wanted, ...fitting])];
  }

  #keepSibling(file: LayerFile): BodySink | undefined {
    if (!this.#mayKeep(file)) return undefined;
    const chunks: Buffer[] = [];
    return {
      data: (chunk) => chunks.push(Buffer.from(chunk)) > 0,
      end: () => this.#siblings.set(file.path, Buffer.concat(chunks)),
    };
  }

  #mayKeep(file: LayerFile): boolean {
    this.#keptBytes += file.size;
    if (this.#keptBytes <= maxKeptBytes) return true;
    const message = `The layer's package databases have more than ${maxKeptBytes} bytes together; this one was not read`;
    this.#problems.push({ code: 'FILE_TOO_LARGE', subject: file.path, message });
    return false;
  }

  #read(file: LayerFile, bytes: Buffer, catalogers: readonly Cataloger[], passing = false): void {
    const needy = passing ? catalogers.filter((cataloger) => cataloger.siblings !== undefined) : [];
    if (needy.length > 0 && this.#mayKeep(file)) {
      this.#waiting.push({ file, bytes: Buffer.from(bytes), catalogers: needy });
    }
    const ready = catalogers.filter((cataloger) => !needy.includes(cataloger));
    if (ready.length === 0) return;
    const sibling = (suffix: string): Buffer | undefined => this.#siblings.get(file.path + suffix);
    const reading = readFile(file.path, file.entry, file.mode, bytes, ready, sibling);
    if (reading !== undefined) this.#readings.push(reading);
  }
}

/** ELF, PE (MZ) and the Mach-O magics, thin and fat, in both byte orders. */
function isProgram(head: Buffer): boolean {
  const magic = head.readUInt32BE(0);
  return (
    magic === 0x7f454c46 ||
    magic >>> 16 === 0x4d5a ||
    magic === 0xfeedface ||
    magic === 0xfeedfacf ||
    magic === 0xcefaedfe ||
    magic === 0xcffaedfe ||
    magic === 0xcafebabe ||
    magic === 0xcafebabf
  );
}
