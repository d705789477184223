import { StoreError } from '../../error.ts';
import { newToken } from './keys.ts';
import { maxParts, maxRest } from './limits.ts';
import { putObject } from './objects.ts';
import type { PartHolder } from './part-memory.ts';
import { type Pieces, restBytes } from './pieces.ts';
import { getRest } from './rest.ts';
import type { Sending } from './sending.ts';

/** The bytes of one append on their way to pieces of their upload: one is sent while the next is gathered. */
export class Gathering implements PartHolder {
  readonly #shared: Sending;
  readonly #id: string;
  readonly #signal: AbortSignal | undefined;
  readonly #partBytes: number;
  readonly #whole: string[];
  #rest: Pieces['rest'];
  #chunks: Buffer[] = [];
  #gathered = 0;
  #sending: Promise<void> = Promise.resolve();
  #early: Promise<void> = Promise.resolve();
  #isIdle = false;

  constructor(shared: Sending, id: string, before: Pieces, signal: AbortSignal | undefined) {
    this.#shared = shared;
    this.#id = id;
    this.#signal = signal;
    this.#partBytes = before.partBytes;
    this.#whole = [...before.whole];
    this.#rest = before.rest;
  }

  get isIdle(): boolean {
    return this.#isIdle;
  }

  /** Takes a copy of a chunk, whose memory may be used again, and sends a part when there is one. */
  async add(chunk: Uint8Array): Promise<void> {
    await this.#wake();
    let left = chunk;
    while (left.length > 0) {
      const room = this.#partBytes - restBytes(this.#pieces()) - this.#gathered;
      const piece = left.subarray(0, room);
      await this.#shared.memory.take(this, piece.length, this.#signal);
      this.#chunks.push(Buffer.from(piece));
      this.#gathered += piece.length;
      left = left.subarray(piece.length);
      if (piece.length === room) await this.#sendWhole();
    }
    this.#isIdle = true;
    this.#shared.memory.idle();
  }

  sendEarly(): void {
    this.#isIdle = false;
    this.#early = this.#sendSmall();
    // A failure is thrown where it is awaited; until then it must not count as unhandled.
    this.#early.catch(() => undefined);
  }

  /** Sends what is left, and gives what the upload consists of. */
  async finish(): Promise<Pieces> {
    await this.#wake();
    if (this.#gathered > 0) await this.#sendSmall();
    await this.#sending;
    return this.#pieces();
  }

  /** Waits until nothing is on its way any more; failures were or will be told elsewhere. */
  async settle(): Promise<void> {
    this.#isIdle = false;
    await this.#early.catch(() => undefined);
    await this.#sending.catch(() => undefined);
    const { memory } = this.#shared;
    memory.sent(memory.send(this));
  }

  async #wake(): Promise<void> {
    this.#isIdle = false;
    await this.#early;
  }

  #pieces(): Pieces {
    return { partBytes: this.#partBytes, whole: this.#whole, rest: this.#rest };
  }

  async #sendWhole(): Promise<void> {
    // The last part is for what may be left.
    if (this.#whole.length + 1 >= maxParts) {
      const most = maxParts * this.#partBytes;
      throw new StoreError('LIMIT_EXCEEDED', `an upload may have ${most} bytes at most; set a larger size of parts`);
    }
    const token = newToken();
    await this.#send(token, true);
    this.#whole.push(token);
  }

  /** Less than a part. */
  async #sendSmall(): Promise<void> {
    const joins = this.#rest.length === maxRest;
    const size = this.#gathered + (joins ? restBytes(this.#pieces()) : 0);
    const token = newToken();
    await this.#send(token, joins);
    this.#rest = [...this.#rest, [token, size]];
  }

  /** Begins to send what was gathered, behind the small pieces before it where it joins them. */
  async #send(token: string, joins: boolean): Promise<void> {
    const { client, keys, memory, joins: joining } = this.#shared;
    const bytes = memory.send(this);
    const chunks = this.#chunks;
    const before = joins ? this.#pieces() : undefined;
    this.#chunks = [];
    this.#gathered = 0;
    if (joins) this.#rest = [];
    const put = (body: readonly Uint8Array[]): Promise<void> =>
      putObject(client, keys.piece(this.#id, token), body, this.#signal);
    const send = async (): Promise<void> => {
      if (before === undefined || before.rest.length === 0) return await put(chunks);
      await joining.run(async () => put([...(await getRest(client, keys, this.#id, before)), ...chunks]));
    };
    const last = this.#sending;
    this.#sending = last.then(send).finally(() => memory.sent(bytes));
    // A failure is thrown where it is awaited; until then it must not count as unhandled.
    this.#sending.catch(() => undefined);
    await last;
  }
}
