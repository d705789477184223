import type { OutgoingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';

/** How an answer goes out. */
export interface SendOptions {
  readonly headers?: OutgoingHttpHeaders;
  /** No further request is to come on its connection, as far as its version of HTTP can say so. */
  readonly isLast: boolean;
}

/** One request and its answer, whichever version of HTTP it came by. */
export interface Exchange {
  readonly method: string;
  /** The path with its query; empty where there is none. */
  readonly target: string;
  /** The media type of the body, as it was sent; empty where nothing is said of it. */
  readonly contentType: string;
  /** Bytes that the body is said to have; 0 where nothing is said. */
  readonly announced: number;
  readonly body: Readable;
  /** What all requests of one connection have in common, and no others: a session of HTTP/2, or a socket. */
  readonly connection: object;
  /** The connection within TLS. */
  readonly socket: Socket;
  /** Calls once when nothing can be sent any more, since it was or since nobody is there. @returns what ends that */
  readonly onClose: (call: () => void) => () => void;
  /** Sends a whole answer, and reads no more of the body. A client that is gone is told nothing. */
  readonly send: (status: number, body: Buffer, options: SendOptions) => void;
  /** Ends it without an answer. */
  readonly destroy: () => void;
}

/** Sends JSON. */
export function sendJson(exchange: Exchange, status: number, value: object, options: SendOptions): void {
  exchange.send(status, Buffer.from(JSON.stringify(value)), options);
}
