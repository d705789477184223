import { limits } from './limits.ts';

/** The last bytes of a blob, as it goes by: as many as a packed table and what follows it may have. */
export class BlobTail {
  #chunks: Uint8Array[] = [];
  #kept = 0;
  #size = 0;

  /** Bytes of the blob until now. */
  get size(): number {
    return this.#size;
  }

  take(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#kept += chunk.length;
    this.#size += chunk.length;
    for (let first = this.#chunks[0]; first !== undefined && this.#kept - first.length >= limits.packedBytes;) {
      this.#chunks.shift();
      this.#kept -= first.length;
      first = this.#chunks[0];
    }
  }

  /**
   * Bytes of the blob, from an offset up to another.
   *
   * @returns undefined where they are not kept
   */
  slice(from: number, to: number): Buffer | undefined {
    const start = this.#size - this.#kept;
    if (from < start || to > this.#size || from > to) return undefined;
    const bytes = Buffer.alloc(to - from);
    let at = start;
    for (const chunk of this.#chunks) {
      const [first, last] = [Math.max(from, at), Math.min(to, at + chunk.length)];
      if (first < last) bytes.set(chunk.subarray(first - at, last - at), first - from);
      at += chunk.length;
    }
    return bytes;
  }
}
