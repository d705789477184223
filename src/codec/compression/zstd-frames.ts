import { CodecError } from '../error.ts';

const frameMagic = 0xfd2fb528;
/** The low four bits are free (RFC 8878 §3.1.2). */
const skippableMagic = 0x184d2a50;

/** Bytes of the content-size field by its flag; flag 0 means one byte in single-segment frames (RFC 8878 §3.1.1.1). */
const contentSizeBytes = [0, 2, 4, 8] as const;
const dictionaryIdBytes = [0, 1, 2, 4] as const;

type State = 'magic' | 'skipSize' | 'skip' | 'descriptor' | 'header' | 'blockHeader' | 'block' | 'checksum';

/**
 * Cuts a stream of zstd frames so that no piece reaches over the end of a frame, and leaves skippable frames out.
 *
 * Node's decoder drops, without a word, what follows a frame's end in the piece that it was given. Layers of many
 * frames are common (zstd:chunked, pzstd), and what it drops would be files that nobody looked at. Walks the block
 * headers only (RFC 8878 §3.1.1).
 *
 * @throws CodecError MALFORMED, TRUNCATED
 */
export async function* zstdFrames(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const walker = new FrameWalker();
  for await (const chunk of source) {
    let at = 0;
    while (at < chunk.length) {
      const start = at;
      at = walker.advance(chunk, at);
      if (walker.heldMagic !== undefined) {
        // The magic may have come in an earlier chunk; it goes out on its own.
        yield walker.heldMagic;
        walker.heldMagic = undefined;
      } else if (walker.passes) {
        yield chunk.subarray(start, at);
      }
    }
  }
  if (!walker.atFrameStart) throw new CodecError('TRUNCATED', 'The zstd data ends too early; fetch or export it again');
}

class FrameWalker {
  /** Set when a frame's magic is complete: to be passed on before anything else. */
  heldMagic: Buffer | undefined;
  /** True when the bytes that `advance` just walked belong to a frame and go on to the decoder. */
  passes = false;
  #state: State = 'magic';
  /** Bytes of a small field that came so far. */
  #field: number[] = [];
  /** Bytes to walk over, for states without a field. */
  #left = 0;
  #lastBlock = false;
  #hasChecksum = false;

  get atFrameStart(): boolean {
    return this.#state === 'magic' && this.#field.length === 0;
  }

  /** Walks on from `start`, at most to the next change that the caller must see; gives where it stopped. */
  advance(chunk: Buffer, start: number): number {
    if (this.#state === 'magic' || this.#state === 'skipSize' || this.#state === 'skip') {
      this.passes = false;
      return this.#between(chunk, start);
    }
    this.passes = true;
    let at = start;
    while (at < chunk.length) {
      at = this.#inFrame(chunk, at);
      if ((this.#state as State) === 'magic') return at;
    }
    return at;
  }

  #between(chunk: Buffer, start: number): number {
    if (this.#state === 'skip') {
      const taken = Math.min(this.#left, chunk.length - start);
      this.#left -= taken;
      if (this.#left === 0) this.#state = 'magic';
      return start + taken;
    }
    const at = this.#collect(chunk, start, 4);
    if (this.#field.length < 4) return at;
    const value = this.#take();
    if (this.#state === 'skipSize') {
      this.#left = value;
      this.#state = value === 0 ? 'magic' : 'skip';
    } else if (value === frameMagic) {
      this.heldMagic = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);
      this.#state = 'descriptor';
    } else if ((value & 0xfffffff0) >>> 0 === skippableMagic) {
      this.#state = 'skipSize';
    } else {
      throw new CodecError('MALFORMED', 'The zstd data is damaged: what follows a frame is no frame; fetch it again');
    }
    return at;
  }

  #inFrame(chunk: Buffer, start: number): number {
    switch (this.#state) {
      case 'descriptor':
        this.#readDescriptor(chunk[start] as number);
        return start + 1;
      case 'blockHeader': {
        const at = this.#collect(chunk, start, 3);
        if (this.#field.length === 3) this.#readBlockHeader(this.#take());
        return at;
      }
      default: {
        const taken = Math.min(this.#left, chunk.length - start);
        this.#left -= taken;
        if (this.#left === 0) this.#leave();
        return start + taken;
      }
    }
  }

  #readDescriptor(descriptor: number): void {
    const singleSegment = (descriptor & 0x20) !== 0;
    const sizeFlag = (descriptor >> 6) & 3;
    const sizeBytes = sizeFlag === 0 && singleSegment ? 1 : (contentSizeBytes[sizeFlag] as number);
    this.#hasChecksum = (descriptor & 4) !== 0;
    this.#left = (singleSegment ? 0 : 1) + (dictionaryIdBytes[descriptor & 3] as number) + sizeBytes;
    this.#state = 'header';
    if (this.#left === 0) this.#leave();
  }

  #readBlockHeader(header: number): void {
    this.#lastBlock = (header & 1) === 1;
    const type = (header >> 1) & 3;
    if (type === 3) throw new CodecError('MALFORMED', 'The zstd data is damaged: a block has a reserved type');
    // A block that repeats one byte stores just that byte.
    this.#left = type === 1 ? 1 : header >>> 3;
    this.#state = 'block';
    if (this.#left === 0) this.#leave();
  }

  /** Goes on to what follows a header, a block or a checksum. */
  #leave(): void {
    if (this.#state === 'header' || (this.#state === 'block' && !this.#lastBlock)) {
      this.#state = 'blockHeader';
    } else if (this.#state === 'block' && this.#hasChecksum) {
      this.#state = 'checksum';
      this.#left = 4;
    } else {
      this.#state = 'magic';
    }
  }

  #collect(chunk: Buffer, start: number, size: number): number {
    let at = start;
    while (this.#field.length < size && at < chunk.length) {
      this.#field.push(chunk[at] as number);
      at += 1;
    }
    return at;
  }

  /** The collected field as a little-endian number. */
  #take(): number {
    const value = this.#field.reduceRight((sum, byte) => sum * 256 + byte, 0);
    this.#field = [];
    return value;
  }
}
