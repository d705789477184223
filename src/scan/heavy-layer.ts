/** What a thread may do with a layer before it gives it up. */
export interface ThreadPatience {
  /** Milliseconds of unpacked bytes being read; waiting for them does not count. */
  readonly ms: number;
  /** Bytes of a file that a cataloger wants, each of its names counted. */
  readonly fileBytes: number;
}

/**
 * For the main thread, which hears nobody while it reads: a layer of few stored bytes may unfold to gigabytes, or hold
 * one archive that takes seconds.
 */
export const mainThreadPatience: ThreadPatience = { ms: 200, fileBytes: 2 ** 20 };

/** Says that the layer is to be read on another thread, from its beginning. */
export class HeavyLayer extends Error {
  override readonly name = 'HeavyLayer';
}

/** Counts what reading a layer costs the thread. */
export class ThreadGuard {
  readonly #patience: ThreadPatience;
  #spent = 0;

  constructor(patience: ThreadPatience) {
    this.#patience = patience;
  }

  /** Runs a piece of the work. @throws HeavyLayer after the piece that was too much */
  run(work: () => void): void {
    const from = performance.now();
    work();
    this.#spent += performance.now() - from;
    if (this.#spent > this.#patience.ms) throw new HeavyLayer('The layer takes long');
  }

  /** @throws HeavyLayer when so much of one file is to be read at once */
  allow(bytes: number): void {
    if (bytes > this.#patience.fileBytes) throw new HeavyLayer('The layer has a large file');
  }
}
