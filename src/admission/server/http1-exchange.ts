import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Exchange, SendOptions } from './exchange.ts';

/** An exchange by HTTP/1.1 (RFC 9112). */
export class Http1Exchange implements Exchange {
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;

  constructor(request: IncomingMessage, response: ServerResponse) {
    this.#request = request;
    this.#response = response;
    // An error is of a request that is done with: whoever reads its body hears of that by its end.
    request.on('error', ignore);
  }

  get method(): string {
    return this.#request.method ?? '';
  }

  get target(): string {
    return this.#request.url ?? '';
  }

  get contentType(): string {
    return this.#request.headers['content-type'] ?? '';
  }

  get announced(): number {
    return Number(this.#request.headers['content-length'] ?? 0);
  }

  get body(): IncomingMessage {
    return this.#request;
  }

  get connection(): object {
    return this.#request.socket;
  }

  get socket(): Socket {
    return this.#request.socket;
  }

  onClose(call: () => void): () => void {
    this.#response.once('close', call);
    return () => void this.#response.off('close', call);
  }

  send(status: number, body: Buffer, { headers = {}, isLast }: SendOptions): void {
    const response = this.#response;
    if (response.destroyed || response.headersSent) return;
    response.writeHead(status, {
      'content-type': 'application/json',
      ...headers,
      'content-length': body.length,
      ...(isLast ? { connection: 'close' } : {}),
    });
    response.end(this.method === 'HEAD' ? undefined : body);
  }

  destroy(): void {
    this.#response.destroy();
  }
}

function ignore(): void {}
