import type { FileHandle } from 'node:fs/promises';
import type { Clock } from '../../../net/clock.ts';
import { upstreamLimits } from '../limits.ts';

/** What became of a blob on its way, so far. */
export type GrowthState = 'growing' | 'whole' | 'failed';

/** Is told when the first reader comes, and when the last one went. */
export interface ReaderWatch {
  joined(): void;
  idle(): void;
}

/**
 * A blob on its way into the registry, that any number of readers follow, each at its own pace. It knows how many of its bytes may be
 * read: the last ones may not before all of them have the digest.
 */
export class GrowingBlob {
  readonly size: number;
  /** Where the bytes are; undefined where another machine writes them. */
  handle: FileHandle | undefined;
  /** The file's name, as long as it has it. */
  path: string | undefined;
  /** This process writes the file, and compares it with its digest. What another one writes may differ from what is kept in the end. */
  isFetchedHere = false;
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #watch: ReaderWatch | undefined;
  #state: GrowthState = 'growing';
  #written = 0;
  /** Bytes that had come when enough of them had come last, and when that was. */
  #flowed = 0;
  #flowedAt: number;
  /** Bytes that readers were told of, and when they are told of the rest. */
  #told = 0;
  #late: NodeJS.Timeout | undefined;
  #failure: unknown;
  #readers = 0;
  #ended = false;
  readonly #waiting = new Set<() => void>();

  constructor(size: number, clock: Pick<Clock, 'monotonic'>, watch?: ReaderWatch) {
    this.size = size;
    this.#clock = clock;
    this.#flowedAt = clock.monotonic();
    this.#watch = watch;
  }

  get state(): GrowthState {
    return this.#state;
  }

  get failure(): unknown {
    return this.#failure;
  }

  /** Bytes from the start that may be read. */
  get readable(): number {
    if (this.#state === 'whole') return this.size;
    return Math.max(0, Math.min(this.#written, this.size - Math.min(this.size, upstreamLimits.heldBytes)));
  }

  /** Bytes that came. */
  get written(): number {
    return this.#written;
  }

  /** Milliseconds since the last few megabytes of it came; undefined when nothing more is to come. */
  get slowFor(): number | undefined {
    return this.#state === 'growing' ? this.#clock.monotonic() - this.#flowedAt : undefined;
  }

  /** @param written bytes that lie in the file now, from its start */
  grow(written: number): void {
    if (written === this.#written) return;
    this.#written = written;
    if (written - this.#flowed >= upstreamLimits.flowBytes) {
      this.#flowed = written;
      this.#flowedAt = this.#clock.monotonic();
    }
    // A few large reads take less than many small ones, and nobody waits long for the last piece.
    if (written - this.#told >= upstreamLimits.growthStep) this.#wake();
    else this.#late ??= setTimeout(() => this.#wake(), upstreamLimits.growthDelay).unref();
  }

  /** All bytes are there, and have the digest. */
  complete(): void {
    this.#state = 'whole';
    this.#wake();
  }

  /** No more will come, and what came is wrong or worth nothing. */
  fail(failure: unknown): void {
    if (this.#state !== 'growing') return;
    this.#state = 'failed';
    this.#failure = failure;
    this.#wake();
  }

  /** Waits until something is different. @throws the signal's reason */
  change(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const done = (): void => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      };
      const onAbort = (): void => {
        this.#waiting.delete(done);
        reject(signal?.reason as Error);
      };
      if (signal?.aborted === true) return onAbort();
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#waiting.add(done);
    });
  }

  join(): void {
    this.#readers += 1;
    if (this.#readers === 1) this.#watch?.joined();
  }

  async leave(): Promise<void> {
    this.#readers -= 1;
    if (this.#readers > 0) return;
    this.#watch?.idle();
    await this.#close();
  }

  /** Nobody writes any more: the file is closed when the last reader is done. */
  async end(): Promise<void> {
    this.#ended = true;
    await this.#close();
  }

  async #close(): Promise<void> {
    if (!this.#ended || this.#readers > 0) return;
    const { handle } = this;
    this.handle = undefined;
    await handle?.close();
  }

  #wake(): void {
    clearTimeout(this.#late);
    this.#late = undefined;
    this.#told = this.#written;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const wake of waiting) wake();
  }
}
