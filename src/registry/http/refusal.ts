import type { Duplex } from 'node:stream';
import { RegistryError } from '../error.ts';
import { limits } from '../limits.ts';
import { errorAnswer } from './error-answer.ts';

/** What the parser of HTTP says of bytes that it does not understand. */
export interface ParserError extends Error {
  readonly code?: string;
}

/** Says on a connection itself, where no request could be read, what is wrong with it, and ends it. */
export function answerRefusal(error: ParserError, socket: Duplex): void {
  answerAndEnd(refusalOf(error), socket);
}

/** Says that there are too many connections, and ends this one. */
export function answerTooMany(socket: Duplex): void {
  // Nobody else listens to it, and its client may be gone.
  socket.on('error', () => socket.destroy());
  const message = 'The registry has as many connections as it takes; try again soon';
  answerAndEnd(new RegistryError('UNAVAILABLE', message, { headers: { 'retry-after': '5' } }), socket);
}

function answerAndEnd(refusal: RegistryError, socket: Duplex): void {
  const { status, headers, body = '' } = errorAnswer(refusal);
  const head = [
    `HTTP/1.1 ${status} ${reasons[status] ?? 'Bad Request'}`,
    'connection: close',
    ...Object.entries(headers).map(([name, value]) => `${name}: ${String(value)}`),
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body.toString()}`);
  // Closed over bytes that nobody read, it would be reset, and the client might not get to see why.
  setTimeout(() => socket.destroy(), limits.lingerTime).unref();
}

const reasons: Readonly<Record<number, string>> = {
  408: 'Request Timeout',
  413: 'Content Too Large',
  431: 'Request Header Fields Too Large',
  503: 'Service Unavailable',
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
