import type { Duplex } from 'node:stream';
import { processLimits } from '../limits.ts';
import { encodeHead, type FrameKind, frameKinds, FrameReader } from './frame.ts';
import { AnswerStream } from './answer-stream.ts';
import { ChannelError, describeFailure, type Question } from './question.ts';

/** Answers a question of the other side, as a stream of bytes. A chunk may use its memory again when the next is asked for. */
export type Answerer = (question: Question, signal: AbortSignal) => AsyncIterable<Uint8Array>;

interface Outgoing {
  readonly over: AbortController;
  credit: number;
  wake: (() => void) | undefined;
}

/**
 * One end of the channel to a process that scans. Either side asks, and the answers are streams of
 * bytes, many at a time; whoever reads an answer says how much more it takes, so that none of them holds up the others.
 */
export class Peer {
  readonly #stream: Duplex;
  readonly #answer: Answerer;
  readonly #asked = new Map<number, AnswerStream>();
  readonly #answering = new Map<number, Outgoing>();
  readonly #reader: FrameReader;
  #next = 0;
  #broken: ChannelError | undefined;

  /** @param answer what the other side may ask */
  constructor(stream: Duplex, answer: Answerer) {
    this.#stream = stream;
    this.#answer = answer;
    this.#reader = new FrameReader((kind, id, payload) => this.#take(kind, id, payload));
    stream.on('data', (chunk: Buffer) => {
      try {
        this.#reader.write(chunk);
      } catch (cause) {
        this.#break(new ChannelError('CHANNEL_CLOSED', 'The other side does not keep to the rules', { cause }));
        stream.destroy();
      }
    });
    stream.on('error', () => undefined);
    stream.on('close', () => this.#break(new ChannelError('CHANNEL_CLOSED', 'The other side went away')));
  }

  /**
   * Asks the other side, and gives its answer as it comes. A chunk is valid for good. Leaving the loop early, or the signal, tells the
   * other side to stop.
   *
   * @throws ChannelError with the code that the other side gave, or CHANNEL_CLOSED
   */
  ask(question: Question, signal?: AbortSignal): AsyncIterable<Buffer> {
    const id = (this.#next = (this.#next + 1) >>> 0);
    const answer = new AnswerStream({
      grant: (bytes) => this.#send(frameKinds.credit, id, encodeCredit(bytes)),
      over: (isWhole) => {
        this.#asked.delete(id);
        if (!isWhole) this.#send(frameKinds.cancel, id);
      },
    });
    if (this.#broken !== undefined) answer.fail(this.#broken);
    else {
      this.#asked.set(id, answer);
      this.#send(frameKinds.ask, id, Buffer.from(JSON.stringify(question)));
    }
    return answer.read(signal);
  }

  /** Ends the channel. */
  close(): void {
    this.#stream.destroy();
  }

  #take(kind: FrameKind, id: number, payload: Buffer): void {
    switch (kind) {
      case frameKinds.data:
        this.#asked.get(id)?.push(payload);
        break;
      case frameKinds.end:
        this.#asked.get(id)?.end();
        break;
      case frameKinds.failed:
        this.#asked.get(id)?.fail(failureOf(payload));
        break;
      case frameKinds.ask:
        if (this.#answering.size >= processLimits.streams) throw new RangeError('too many questions');
        void this.#give(id, JSON.parse(payload.toString('utf8')) as Question);
        break;
      case frameKinds.credit: {
        const outgoing = this.#answering.get(id);
        if (outgoing === undefined) break;
        outgoing.credit += payload.readUInt32BE(0);
        outgoing.wake?.();
        break;
      }
      case frameKinds.cancel:
        this.#answering.get(id)?.over.abort(new ChannelError('CHANNEL_CLOSED', 'The answer is not wanted any more'));
        break;
    }
  }

  async #give(id: number, question: Question): Promise<void> {
    const outgoing: Outgoing = { over: new AbortController(), credit: processLimits.window, wake: undefined };
    const { signal } = outgoing.over;
    signal.addEventListener('abort', () => outgoing.wake?.(), { once: true });
    this.#answering.set(id, outgoing);
    try {
      for await (const chunk of this.#answer(question, signal)) {
        for (let at = 0; at < chunk.length;) {
          while (outgoing.credit <= 0 && !signal.aborted) {
            await new Promise<void>((resolve) => {
              outgoing.wake = resolve;
            });
          }
          signal.throwIfAborted();
          const piece = chunk.subarray(at, at + Math.min(processLimits.piece, outgoing.credit));
          at += piece.length;
          outgoing.credit -= piece.length;
          await this.#write(frameKinds.data, id, piece);
        }
      }
      this.#send(frameKinds.end, id);
    } catch (error) {
      this.#send(frameKinds.failed, id, Buffer.from(JSON.stringify(describeFailure(error))));
    } finally {
      this.#answering.delete(id);
    }
  }

  /** Writes a frame, and waits until the memory of its payload is free again. */
  #write(kind: FrameKind, id: number, payload: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#stream.cork();
      this.#stream.write(encodeHead(kind, id, payload.length));
      this.#stream.write(payload, (error) => (error ? reject(error) : resolve()));
      this.#stream.uncork();
    });
  }

  #send(kind: FrameKind, id: number, payload: Buffer = Buffer.alloc(0)): void {
    if (this.#broken === undefined && this.#stream.writable)
      this.#stream.write(Buffer.concat([encodeHead(kind, id, payload.length), payload]));
  }

  #break(error: ChannelError): void {
    if (this.#broken !== undefined) return;
    this.#broken = error;
    for (const answer of this.#asked.values()) answer.fail(error);
    for (const { over } of this.#answering.values()) over.abort(error);
  }
}

function encodeCredit(bytes: number): Buffer {
  const payload = Buffer.allocUnsafe(4);
  payload.writeUInt32BE(bytes, 0);
  return payload;
}

function failureOf(payload: Buffer): ChannelError {
  const { code, message } = JSON.parse(payload.toString('utf8')) as {
    readonly code: unknown;
    readonly message: unknown;
  };
  return new ChannelError('ANSWER_FAILED', String(message), { reason: String(code) });
}
