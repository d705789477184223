import type { IncomingMessage, ServerResponse } from 'node:http';
import { limits } from '../limits.ts';

/** A request, and its answer. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/**
 * How quickly a client sends a body and takes an answer. A byte now and then keeps a connection from being silent, and would
 * keep its memory for days; so it is asked from time to time whether enough came or went since. Only what the client is
 * awaited for counts: while this side has bytes of the body that it did not read yet, or nothing to send, time begins anew.
 */
export class Pace {
  readonly #exchange: Exchange;
  readonly #leastSpeed: number;
  #incoming: { readonly since: number; readonly bytes: number } | undefined;
  #outgoing: { readonly since: number; readonly bytes: number } | undefined;

  /** @param leastSpeed bytes a second */
  constructor(exchange: Exchange, leastSpeed: number) {
    this.#exchange = exchange;
    this.#leastSpeed = leastSpeed;
  }

  /** Whether the client was too slow for as long as that is borne. @param now milliseconds that never go back */
  isTooSlow(now: number): boolean {
    return this.#sendsSlowly(now) || this.#takesSlowly(now);
  }

  #sendsSlowly(now: number): boolean {
    const { request } = this.#exchange;
    const bytes = request.socket.bytesRead;
    const before = this.#incoming;
    if (request.complete || request.readableLength > 0 || before === undefined) {
      this.#incoming = { since: now, bytes };
      return false;
    }
    const elapsed = now - before.since;
    if (elapsed < limits.paceWindow) return false;
    this.#incoming = { since: now, bytes };
    return bytes - before.bytes < (this.#leastSpeed * elapsed) / 1000;
  }

  /** Nothing tells how much of a part is sent until all of it is, so it has as long as its bytes may take. */
  #takesSlowly(now: number): boolean {
    const { request, response } = this.#exchange;
    const unsent = response.writableLength;
    const bytes = request.socket.bytesWritten;
    const before = this.#outgoing;
    if (unsent === 0 || before === undefined || bytes !== before.bytes) {
      this.#outgoing = { since: now, bytes };
      return false;
    }
    return now - before.since >= limits.paceWindow + (unsent * 1000) / this.#leastSpeed;
  }
}
