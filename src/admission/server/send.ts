import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';

/** How an answer goes out. */
export interface SendOptions {
  readonly headers?: OutgoingHttpHeaders;
  /** No further request is to come on its connection. */
  readonly isLast: boolean;
}

/** Sends a whole body. HTTP/2 has no header for the end of a connection (RFC 9113, 8.2.2), and tells it in a frame. */
export function sendBody(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  body: Buffer,
  { headers = {}, isLast }: SendOptions,
): void {
  // A client that is gone is told nothing.
  if (response.destroyed || response.headersSent) return;
  response.writeHead(status, {
    'content-type': 'application/json',
    ...headers,
    'content-length': body.length,
    ...(isLast && request.httpVersionMajor === 1 ? { connection: 'close' } : {}),
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}

/** Sends JSON. */
export function sendJson(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  value: object,
  options: SendOptions,
): void {
  sendBody(request, response, status, Buffer.from(JSON.stringify(value)), options);
}
