import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Identity } from '../auth/identity.ts';
import type { Route } from '../route/route.ts';

/** A request while it is served: what is known of it so far, and whether its client is still there. */
export class ServedRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly method: string;
  route: Route | undefined;
  identity: Identity | undefined;
  /** When its head was read, by a clock that never goes back. */
  readonly #began = performance.now();
  readonly #readBefore: number;
  #controller: AbortController | undefined;

  constructor(request: IncomingMessage, response: ServerResponse) {
    this.request = request;
    this.response = response;
    this.method = request.method ?? '';
    this.#readBefore = request.socket.bytesRead;
  }

  /** Since its head was read. */
  get seconds(): number {
    return (performance.now() - this.#began) / 1000;
  }

  /** Bytes of its body that came: what it said that there are, or what was read since for a body of unknown length. */
  get receivedBytes(): number {
    const { headers, complete, socket } = this.request;
    const length = headers['content-length'];
    if (length !== undefined && complete) return Number(length);
    return headers['transfer-encoding'] === undefined && length === undefined ? 0 : socket.bytesRead - this.#readBefore;
  }

  /** True when the client went before its answer was out. */
  get gone(): boolean {
    return (this.response.closed || this.request.socket.destroyed) && !this.response.writableFinished;
  }

  /** Aborted when the client goes. Made only for those who ask, since most requests are over before. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      const controller = new AbortController();
      this.#controller = controller;
      if (this.gone) controller.abort();
      else {
        this.response.once('close', () => {
          if (!this.response.writableFinished) controller.abort();
        });
      }
    }
    return this.#controller.signal;
  }
}
