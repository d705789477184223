/**
 * What is kept between files, in bytes; larger files give their memory back. Nearly all programs are smaller: were their
 * memory given back too, several of them would lie as garbage before the collector comes by.
 */
const keptBytes = 64 * 2 ** 20;

/** One reusable buffer that holds a file at a time. */
export class GrowingBuffer {
  #bytes = Buffer.allocUnsafeSlow(256 * 1024);
  #length = 0;

  /** Bytes collected so far. */
  get length(): number {
    return this.#length;
  }

  /**
   * Forgets the file before and makes room for one.
   *
   * Room for the whole file is taken at once, since growing step by step would hold it twice. Memory that is never
   * written to costs nothing, so an archive that lies about a size gains nothing by it.
   *
   * @param size what the archive claims, in bytes; the caller has held it against a limit
   */
  start(size: number): void {
    this.#length = 0;
    if (size > this.#bytes.length) this.#bytes = Buffer.allocUnsafeSlow(size);
    else if (this.#bytes.length > keptBytes && size < keptBytes) this.#bytes = Buffer.allocUnsafeSlow(keptBytes);
  }

  append(chunk: Buffer): void {
    const needed = this.#length + chunk.length;
    if (needed > this.#bytes.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(needed, Math.ceil(this.#bytes.length * 1.5)));
      this.#bytes.copy(larger, 0, 0, this.#length);
      this.#bytes = larger;
    }
    chunk.copy(this.#bytes, this.#length);
    this.#length = needed;
  }

  /** The file's bytes; valid until the next `start`. */
  bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Gives the memory back. */
  release(): void {
    this.#bytes = Buffer.alloc(0);
    this.#length = 0;
  }
}
