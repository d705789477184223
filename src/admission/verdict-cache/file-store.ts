import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { writeFileAtomic } from '../../base/atomic-file.ts';
import type { Logger } from '../../base/logger.ts';
import { makeDirectory } from '../../base/make-directory.ts';
import { untilAborted } from '../../base/shared-calls.ts';
import type { Clock } from '../../net/clock.ts';
import { type FileLine, readLines } from './file-lines.ts';
import { verdictStoreLimits as limits } from './limits.ts';
import type { KeptVerdict, VerdictStore } from './model.ts';
import { openVerdict, type SealedVerdict, sealVerdict } from './seal.ts';

/** What verdicts are kept in a file with. */
export interface FileStoreParts {
  /** For one process at a time. */
  readonly path: string;
  /** Without it, whoever may write the file could admit anything. */
  readonly key: Uint8Array;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Bytes of the file; 64 MiB unless said otherwise. */
  readonly most?: number;
}

/** Where the newest verdict about a question stands in the file. */
interface Place {
  readonly offset: number;
  readonly length: number;
  readonly at: number;
  readonly staleUntil: number;
}

/**
 * Verdicts in a file, for the next start of this process. Each is a line that is added at the end, so that a kill leaves at most half a
 * line, which is passed over. Where the file grows too large, what counts is written anew, and takes its place when it is whole.
 */
export class FileVerdictStore implements VerdictStore, AsyncDisposable {
  readonly #parts: FileStoreParts;
  readonly #most: number;
  readonly #places = new Map<string, Place>();
  readonly #waiting = new Map<string, KeptVerdict>();
  #size = 0;
  #dropped = 0;
  #writing: Promise<void> | undefined;
  #isClosed = false;

  private constructor(parts: FileStoreParts) {
    this.#parts = parts;
    this.#most = parts.most ?? limits.fileBytes;
  }

  /** Looks through the file, where there is one. @throws the system's error where it cannot be read or written */
  static async open(parts: FileStoreParts): Promise<FileVerdictStore> {
    const store = new FileVerdictStore(parts);
    await makeDirectory(dirname(parts.path), { mode: 0o700 });
    // Half a line must not become the beginning of the next one.
    if (await store.#load()) await store.#compact();
    return store;
  }

  /** Verdicts that were not written. */
  get dropped(): number {
    return this.#dropped;
  }

  put(kept: KeptVerdict): void {
    if (this.#isClosed) return;
    this.#waiting.delete(kept.key);
    this.#waiting.set(kept.key, kept);
    if (this.#waiting.size > limits.waiting) {
      const [oldest] = this.#waiting.keys();
      if (oldest !== undefined) this.#waiting.delete(oldest);
      this.#dropped += 1;
    }
    this.#writing ??= this.#write().finally(() => {
      this.#writing = undefined;
    });
  }

  async follow(take: (kept: KeptVerdict) => void, signal: AbortSignal, read?: () => void): Promise<void> {
    const { path, key, clock } = this.#parts;
    await scan(path, key, (kept) => {
      if (clock.now() < kept.staleUntil) take(kept);
    });
    read?.();
    // Nobody else writes it.
    await untilAborted(new Promise<never>(() => undefined), signal).catch(() => undefined);
  }

  /** Writes what waits. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    await this.#writing;
  }

  /** Learns what stands in the file. @returns whether it ends in half a line */
  async #load(): Promise<boolean> {
    const { path, key } = this.#parts;
    this.#places.clear();
    const { size, whole } = await scan(path, key, (kept, line) => this.#remember(kept, line.offset, line.length));
    this.#size = size;
    return size !== whole;
  }

  async #write(): Promise<void> {
    const { path, key, logger } = this.#parts;
    // What is put in the same turn is written together.
    await Promise.resolve();
    while (this.#waiting.size > 0) {
      const batch = [...this.#waiting.values()];
      this.#waiting.clear();
      try {
        await using file = await open(path, 'a', 0o600);
        await this.#append(file, batch, key);
        if (this.#size > this.#most) await this.#compact();
      } catch (error) {
        this.#dropped += batch.length;
        logger.warn('Verdicts could not be kept in their file; they are judged anew after a start', { error });
        // Part of it may stand there; what follows begins on a line of its own.
        await this.#load()
          .then((isTorn) => (isTorn ? this.#compact() : undefined))
          .catch(() => undefined);
      }
    }
  }

  async #append(file: FileHandle, batch: readonly KeptVerdict[], key: Uint8Array): Promise<void> {
    const lines = batch.flatMap((kept) => {
      const sealed = sealVerdict(kept, key);
      if (sealed === undefined) this.#dropped += 1;
      return sealed === undefined ? [] : [{ kept, bytes: Buffer.from(`${JSON.stringify(sealed)}\n`) }];
    });
    await file.writeFile(Buffer.concat(lines.map(({ bytes }) => bytes)));
    for (const { kept, bytes } of lines) {
      this.#remember(kept, this.#size, bytes.length);
      this.#size += bytes.length;
    }
  }

  #remember({ key, at, staleUntil }: KeptVerdict, offset: number, length: number): void {
    const known = this.#places.get(key);
    if (known === undefined || known.at <= at) this.#places.set(key, { offset, length, at, staleUntil });
  }

  /** Writes the newest verdicts that still count, of at most half of the bytes, in place of all. */
  async #compact(): Promise<void> {
    const { path, clock } = this.#parts;
    const now = clock.now();
    const kept: (readonly [key: string, place: Place])[] = [];
    let bytes = 0;
    for (const [key, place] of [...this.#places].sort(
      ([, one], [, other]) => other.at - one.at || other.offset - one.offset,
    )) {
      if (place.staleUntil <= now || bytes + place.length > this.#most / 2) continue;
      kept.push([key, place]);
      bytes += place.length;
    }
    kept.reverse();
    await using file = await open(path, 'r');
    const copied = async function* (): AsyncGenerator<Uint8Array> {
      for (const [, { offset, length }] of kept) {
        const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, offset);
        yield buffer.subarray(0, bytesRead);
      }
    };
    await writeFileAtomic(path, copied(), { mode: 0o600 });
    this.#places.clear();
    this.#size = 0;
    for (const [key, place] of kept) {
      this.#places.set(key, { ...place, offset: this.#size });
      this.#size += place.length;
    }
  }
}

function parseLine(text: string, key: Uint8Array): KeptVerdict | undefined {
  try {
    const { content, seal } = JSON.parse(text) as Partial<SealedVerdict>;
    if (typeof content !== 'string' || typeof seal !== 'string') return undefined;
    return openVerdict({ content, seal }, key);
  } catch {
    return undefined;
  }
}

/** Gives the verdicts of a file, whatever else stands in it. @returns its bytes, and those of its whole lines */
async function scan(
  path: string,
  key: Uint8Array,
  take: (kept: KeptVerdict, line: FileLine) => void,
): Promise<{ readonly size: number; readonly whole: number }> {
  const lines = readLines(path, limits.lineBytes);
  try {
    for (;;) {
      const { done, value } = await lines.next();
      if (done === true) return value;
      const kept = value.text === undefined ? undefined : parseLine(value.text, key);
      if (kept !== undefined) take(kept, value);
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { size: 0, whole: 0 };
    throw error;
  }
}
