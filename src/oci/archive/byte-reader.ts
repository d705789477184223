import { readRange } from '../file-range.ts';

/** Reads bytes one after another, stepping over what is not wanted. */
export interface ByteReader {
  /** Bytes read or skipped so far. */
  readonly position: number;
  /** The next bytes; fewer than `length` only at the end. */
  read(length: number): Promise<Buffer>;
  /** Steps over bytes; false when there are not so many. */
  skip(length: number): Promise<boolean>;
}

/** Bytes read ahead of headers: small entries then cost no call of their own. */
const windowBytes = 65_536;

/** Reads an open file by position, so what is skipped is never read. */
export class FileByteReader implements ByteReader {
  position = 0;
  readonly #fd: number;
  readonly #size: number;
  #window: Buffer = Buffer.alloc(0);
  #windowAt = 0;

  constructor(fd: number, size: number) {
    this.#fd = fd;
    this.#size = size;
  }

  async read(length: number): Promise<Buffer> {
    const wanted = Math.min(length, this.#size - this.position);
    const start = this.position - this.#windowAt;
    if (start < 0 || start + wanted > this.#window.length) {
      const ahead = Math.min(Math.max(wanted, windowBytes), this.#size - this.position);
      this.#window = await readRange({ fd: this.#fd, offset: this.position, length: ahead });
      this.#windowAt = this.position;
    }
    const from = this.position - this.#windowAt;
    this.position += wanted;
    return this.#window.subarray(from, from + wanted);
  }

  skip(length: number): Promise<boolean> {
    const there = length <= this.#size - this.position;
    this.position = there ? this.position + length : this.#size;
    return Promise.resolve(there);
  }
}

/** Reads a stream of chunks. */
export class ChunkByteReader implements ByteReader {
  position = 0;
  readonly #chunks: AsyncIterator<Buffer>;
  #chunk: Buffer = Buffer.alloc(0);

  constructor(chunks: AsyncIterator<Buffer>) {
    this.#chunks = chunks;
  }

  async read(length: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    let missing = length;
    while (missing > 0 && (await this.#fill())) {
      const part = this.#chunk.subarray(0, missing);
      parts.push(part);
      this.#advance(part.length);
      missing -= part.length;
    }
    return parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts);
  }

  async skip(length: number): Promise<boolean> {
    let missing = length;
    while (missing > 0 && (await this.#fill())) {
      const step = Math.min(missing, this.#chunk.length);
      this.#advance(step);
      missing -= step;
    }
    return missing === 0;
  }

  /** At most `length` of the next bytes, without gathering them; empty at the end. */
  async readSome(length: number): Promise<Buffer> {
    if (!(await this.#fill())) return Buffer.alloc(0);
    const part = this.#chunk.subarray(0, length);
    this.#advance(part.length);
    return part;
  }

  async #fill(): Promise<boolean> {
    while (this.#chunk.length === 0) {
      const next = await this.#chunks.next();
      if (next.done === true) return false;
      this.#chunk = next.value;
    }
    return true;
  }

  #advance(length: number): void {
    this.#chunk = this.#chunk.subarray(length);
    this.position += length;
  }
}
