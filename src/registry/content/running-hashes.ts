import { createHash, type Hash } from 'node:crypto';

interface RunningHash {
  readonly algorithm: string;
  readonly hash: Hash;
  /** Bytes that it has seen. */
  readonly offset: number;
}

/**
 * Hashes of uploads that this process received from their first byte, so that their end needs no second look at them. The
 * state of a hash cannot be kept elsewhere: an upload that goes on in another process is read again.
 */
export class RunningHashes {
  readonly #running = new Map<string, RunningHash>();
  readonly #most: number;

  constructor(most: number = 4096) {
    this.#most = most;
  }

  /** The hash of an upload up to a place, taken out: whoever takes it puts it back. Undefined when there is none. */
  take(id: string, algorithm: string, offset: number): Hash | undefined {
    const running = this.#running.get(id);
    this.#running.delete(id);
    if (offset === 0) return createHash(algorithm);
    return running?.algorithm === algorithm && running.offset === offset ? running.hash : undefined;
  }

  put(id: string, running: RunningHash): void {
    this.#running.set(id, running);
    for (const oldest of this.#running.keys()) {
      if (this.#running.size <= this.#most) return;
      this.#running.delete(oldest);
    }
  }

  drop(id: string): void {
    this.#running.delete(id);
  }

  /** The algorithm that an upload is hashed with so far. */
  algorithmOf(id: string): string | undefined {
    return this.#running.get(id)?.algorithm;
  }
}
