import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { RegistryError } from '../error.ts';
import { limits } from '../limits.ts';
import { errorAnswer } from './error-answer.ts';

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** What the parser of HTTP says of bytes that it does not understand. */
export interface ParserError extends Error {
  readonly code?: string;
}

/**
 * What each connection is busy with: decides when silence ends one, and whether what cannot be read is answered or only ends
 * it.
 */
export class Connections {
  readonly #latest = new WeakMap<Duplex, Exchange>();
  /** Connections that end; what still comes is for nobody. */
  readonly #ending = new WeakSet<Duplex>();

  /** Remembers the request that came last on a connection. */
  note(request: IncomingMessage, response: ServerResponse): void {
    this.#latest.set(request.socket, { request, response });
  }

  /**
   * Ends connections that were silent for as long as the server allows, unless they are silent because this side is at work: bytes
   * of a large blob may take minutes to reach a disk, and its client waits for the answer.
   */
  watch(server: Server): void {
    server.on('timeout', (socket) => {
      const latest = this.#latest.get(socket);
      const works = latest?.request.complete === true && !latest.response.headersSent && !latest.response.destroyed;
      if (!works) socket.destroy();
    });
  }

  /**
   * Answers bytes that are no request, and ends their connection. Answers to requests before them go out first: whatever was
   * written now would become a part of them.
   */
  refuse(error: ParserError, socket: Duplex): void {
    if (this.#ending.has(socket)) return;
    this.#ending.add(socket);
    const latest = this.#latest.get(socket);
    const isIdle = latest === undefined || latest.response.writableFinished;
    if (error.code === 'ECONNRESET' || !socket.writable) socket.destroy();
    else if (isIdle) answerRefusal(error, socket);
    else if (latest.request.complete) latest.response.once('finish', () => socket.end());
    // The body of the request is what cannot be read. An answer without a socket waits for one before it.
    else if (latest.response.socket === socket && !latest.response.headersSent) answerRefusal(error, socket);
    else socket.destroy();
  }
}

function answerRefusal(error: ParserError, socket: Duplex): void {
  const { status, body = '' } = errorAnswer(refusalOf(error));
  const head = [
    `HTTP/1.1 ${status} ${reasons[status] ?? 'Bad Request'}`,
    'connection: close',
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body.toString()}`);
  // Closed over bytes that nobody read, it would be reset, and the client might not get to see why.
  setTimeout(() => socket.destroy(), limits.lingerTime).unref();
}

const reasons: Readonly<Record<number, string>> = {
  408: 'Request Timeout',
  413: 'Content Too Large',
  431: 'Request Header Fields Too Large',
};

function refusalOf({ code }: ParserError): RegistryError {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return new RegistryError('UNSUPPORTED', 'The head of the request is larger than is taken', { status: 431 });
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return new RegistryError('UNSUPPORTED', 'The chunks have more extensions than are taken', { status: 413 });
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new RegistryError('UNSUPPORTED', 'The request took too long to come', { status: 408 });
    default:
      return new RegistryError('UNSUPPORTED', 'This is no request of HTTP/1.1', { status: 400 });
  }
}
