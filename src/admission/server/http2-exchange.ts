import { constants, type IncomingHttpHeaders, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import type { Exchange, SendOptions } from './exchange.ts';

/**
 * An exchange by HTTP/2 (RFC 9113), one stream. It speaks to the stream itself: what Node puts before it, so that it looks like HTTP/1.1, is two
 * more streams for each request.
 */
export class Http2Exchange implements Exchange {
  readonly #stream: ServerHttp2Stream;
  readonly #headers: IncomingHttpHeaders;
  /** A stream that ended has forgotten its own. */
  readonly #session: ServerHttp2Session;
  readonly #answerTime: number;

  /**
   * @param stream that is open, and whose errors somebody listens to
   * @param answerTime milliseconds that the client has to take the answer
   */
  constructor(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, answerTime: number) {
    this.#answerTime = answerTime;
    this.#stream = stream;
    this.#headers = headers;
    this.#session = stream.session as ServerHttp2Session;
    // Of a client that wants to be told to send its body (RFC 9110, 10.1.1).
    if (headers.expect === '100-continue') stream.additionalHeaders({ ':status': constants.HTTP_STATUS_CONTINUE });
  }

  get method(): string {
    return this.#headers[':method'] ?? '';
  }

  get target(): string {
    return this.#headers[':path'] ?? '';
  }

  get contentType(): string {
    return this.#headers['content-type'] ?? '';
  }

  get announced(): number {
    return Number(this.#headers['content-length'] ?? 0);
  }

  get body(): ServerHttp2Stream {
    return this.#stream;
  }

  get connection(): object {
    return this.#session;
  }

  get socket(): Socket {
    return this.#session.socket;
  }

  onClose(call: () => void): () => void {
    this.#stream.once('close', call);
    return () => void this.#stream.off('close', call);
  }

  /** There is no header for the end of a connection (RFC 9113, 8.2.2): a session that ends says so in a frame. */
  send(status: number, body: Buffer, { headers = {} }: SendOptions): void {
    const stream = this.#stream;
    if (stream.destroyed || stream.closed || stream.headersSent) return;
    // Node's own time for a stream begins anew with all that its connection sends, such as answers to pings.
    const late = setTimeout(takeBack, this.#answerTime, stream);
    stream.once('close', () => clearTimeout(late));
    stream.respond({
      ':status': status,
      'content-type': 'application/json',
      ...headers,
      'content-length': body.length,
    });
    // The answer to HEAD ended with its headers.
    if (this.method !== 'HEAD') stream.end(body);
    // Else the stream would be open for as long as its client goes on to send (RFC 9113, 8.1).
    if (!stream.readableEnded) stream.resume().close(constants.NGHTTP2_NO_ERROR);
  }

  destroy(): void {
    this.#stream.destroy();
  }
}

function takeBack(stream: ServerHttp2Stream): void {
  // One that was to be closed waits for what is to be sent before.
  if (stream.closed) stream.destroy();
  else stream.close(constants.NGHTTP2_CANCEL);
}
