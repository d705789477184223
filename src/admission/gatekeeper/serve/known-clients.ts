import type { IncomingMessage } from 'node:http';
import type { Http2ServerRequest } from 'node:http2';
import type { TLSSocket } from 'node:tls';

/**
 * Clients whose certificates were verified when they connected. A connection lasts for as long as it is used, and a certificate may end
 * before that, so that each request asks for its end.
 */
export class KnownClients {
  /** By connection, in milliseconds since 1970. */
  readonly #ends = new WeakMap<object, number>();

  /** Whether the certificate of whoever sends a request was verified, and holds. @param now milliseconds since 1970 */
  holds(request: IncomingMessage, now: number): boolean {
    const { session } = (request as unknown as Partial<Http2ServerRequest>).stream ?? {};
    const connection = session ?? request.socket;
    let end = this.#ends.get(connection);
    if (end === undefined) {
      end = endOf((session?.socket ?? request.socket) as TLSSocket);
      this.#ends.set(connection, end);
    }
    return now < end;
  }
}

function endOf(socket: TLSSocket): number {
  return socket.authorized ? (socket.getPeerX509Certificate()?.validToDate.getTime() ?? 0) : 0;
}
