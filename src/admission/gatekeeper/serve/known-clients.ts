import type { TLSSocket } from 'node:tls';
import type { Exchange } from '../../server/exchange.ts';

/**
 * Clients whose certificates were verified when they connected. A connection lasts for as long as it is used, and a certificate may end
 * before that, so that each request asks for its end.
 */
export class KnownClients {
  /** By connection, in milliseconds since 1970. */
  readonly #ends = new WeakMap<object, number>();

  /** Whether the certificate of whoever sends a request was verified, and holds. @param now milliseconds since 1970 */
  holds(exchange: Pick<Exchange, 'connection' | 'socket'>, now: number): boolean {
    const { connection } = exchange;
    let end = this.#ends.get(connection);
    if (end === undefined) {
      end = endOf(exchange.socket as TLSSocket);
      this.#ends.set(connection, end);
    }
    return now < end;
  }
}

function endOf(socket: TLSSocket): number {
  return socket.authorized ? (socket.getPeerX509Certificate()?.validToDate.getTime() ?? 0) : 0;
}
