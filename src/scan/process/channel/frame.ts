import { processLimits } from '../limits.ts';

/**
 * What a frame is: the first four are about an answer that the other side gives, the last two about a question of the
 * sender's own.
 */
export const frameKinds = { data: 1, end: 2, failed: 3, ask: 4, credit: 5, cancel: 6 } as const;

/** One of {@link frameKinds}. */
export type FrameKind = (typeof frameKinds)[keyof typeof frameKinds];

/** Length of the payload, kind, number of the question. */
const headerBytes = 9;

/** The head of a frame. */
export function encodeHead(kind: FrameKind, id: number, length: number): Buffer {
  const head = Buffer.allocUnsafe(headerBytes);
  head.writeUInt32BE(length, 0);
  head.writeUInt8(kind, 4);
  head.writeUInt32BE(id, 5);
  return head;
}

/** What a reader of frames is told. Data comes in the pieces in which it arrives; everything else whole. */
export type FrameSink = (kind: FrameKind, id: number, payload: Buffer) => void;

/** Reads frames from a stream of bytes. */
export class FrameReader {
  readonly #sink: FrameSink;
  #head: Buffer = Buffer.alloc(0);
  #kind: FrameKind | undefined;
  #id = 0;
  #left = 0;
  #parts: Buffer[] = [];

  constructor(sink: FrameSink) {
    this.#sink = sink;
  }

  /** @throws RangeError for a frame that nobody sends who follows the rules */
  write(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length || (this.#kind !== undefined && this.#left === 0)) {
      if (this.#kind === undefined) at = this.#readHead(chunk, at);
      else at = this.#readPayload(chunk, at);
    }
  }

  #readHead(chunk: Buffer, at: number): number {
    const wanted = headerBytes - this.#head.length;
    const part = chunk.subarray(at, at + wanted);
    this.#head = this.#head.length === 0 ? part : Buffer.concat([this.#head, part]);
    if (this.#head.length < headerBytes) {
      // The chunk's memory may be used again.
      this.#head = Buffer.from(this.#head);
      return at + part.length;
    }
    const kind = this.#head.readUInt8(4) as FrameKind;
    this.#left = this.#head.readUInt32BE(0);
    this.#id = this.#head.readUInt32BE(5);
    this.#head = Buffer.alloc(0);
    const most = kind === frameKinds.data ? processLimits.piece : processLimits.messageBytes;
    if (kind < 1 || kind > 6 || this.#left > most) throw new RangeError('The other side sent no frame');
    this.#kind = kind;
    return at + part.length;
  }

  #readPayload(chunk: Buffer, at: number): number {
    const part = chunk.subarray(at, at + this.#left);
    this.#left -= part.length;
    const kind = this.#kind as FrameKind;
    if (kind === frameKinds.data) {
      if (part.length > 0) this.#sink(kind, this.#id, part);
    } else {
      this.#parts.push(part);
    }
    if (this.#left > 0) return at + part.length;
    this.#kind = undefined;
    if (kind !== frameKinds.data) {
      const parts = this.#parts;
      this.#parts = [];
      this.#sink(kind, this.#id, parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts));
    }
    return at + part.length;
  }
}
