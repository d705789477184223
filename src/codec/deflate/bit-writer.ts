/** Bits into bytes, the lowest bit of each byte first (RFC 1951, 3.1.1). */
export class BitWriter {
  #bytes = Buffer.allocUnsafeSlow(131_072);
  #length = 0;
  #bits = 0;
  #held = 0;

  /** Writes the lowest `length` bits of a value; at most 20 at once. */
  write(value: number, length: number): void {
    this.#bits |= value << this.#held;
    this.#held += length;
    while (this.#held >= 8) {
      if (this.#length === this.#bytes.length) this.#grow(this.#length * 2);
      this.#bytes[this.#length] = this.#bits & 0xff;
      this.#length += 1;
      this.#bits >>>= 8;
      this.#held -= 8;
    }
  }

  /** Fills the last byte up with zeros. */
  align(): void {
    if (this.#held > 0) this.write(0, 8 - this.#held);
  }

  /** Appends whole bytes; the writer stands at the start of one. */
  copy(bytes: Uint8Array): void {
    if (this.#length + bytes.length > this.#bytes.length) this.#grow(2 * (this.#length + bytes.length));
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** Takes the whole bytes that were written so far. */
  take(): Buffer {
    const taken = Buffer.from(this.#bytes.subarray(0, this.#length));
    this.#length = 0;
    return taken;
  }

  #grow(size: number): void {
    const larger = Buffer.allocUnsafeSlow(size);
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
  }
}
