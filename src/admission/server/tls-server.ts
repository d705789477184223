import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  createSecureServer,
  type Http2SecureServer,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2';
import type { TlsOptions } from 'node:tls';
import { admissionLimits } from '../limits.ts';
import type { Exchange } from './exchange.ts';
import { Http1Exchange } from './http1-exchange.ts';
import { Http2Exchange } from './http2-exchange.ts';

/** Milliseconds that clients have. */
export interface TlsServerTimes {
  /** For a handshake, and for the head of a request. */
  readonly headTime: number;
  /** From then on until a body is whole. */
  readonly bodyTime: number;
  /** For an answer of HTTP/2 to be taken. */
  readonly answerTime: number;
  /** Between two requests; longer than the longest review, since a connection is silent meanwhile. */
  readonly idleTime: number;
}

/**
 * A server that speaks HTTP/2 and HTTP/1.1 (ALPN, RFC 7301): API servers choose the former, and people with a terminal the latter. No
 * framework stands before it: with half a dozen fixed paths, one costs an eighth of the time of a small review and gives nothing.
 */
export function createTlsServer(
  context: TlsOptions,
  { headTime, bodyTime, answerTime, idleTime }: TlsServerTimes,
  handle: (exchange: Exchange) => void,
): Http2SecureServer {
  // Node's types name these for its other servers alone.
  const http1 = {
    maxHeaderSize: admissionLimits.headerBytes,
    headersTimeout: headTime,
    requestTimeout: headTime + bodyTime,
    // How often heads and bodies are looked at that are not whole yet.
    connectionsCheckingInterval: Math.ceil(headTime / 4),
    // API servers end connections that they do not use, after 90 s; whoever ends one first may cut off the next request on it.
    keepAliveTimeout: idleTime,
  };
  const server = createSecureServer({
    ...context,
    ...http1,
    allowHTTP1: true,
    handshakeTimeout: headTime,
    maxHeaderListPairs: 100,
    settings: {
      maxConcurrentStreams: admissionLimits.streams,
      maxHeaderListSize: admissionLimits.headerBytes,
      initialWindowSize: admissionLimits.streamWindow,
      enablePush: false,
    },
  });
  // Nor do they say that a request may be one of HTTP/1.1, and whoever listens for those gets streams of HTTP/2 in their likeness as well.
  const http1Listener = (request: IncomingMessage, response: ServerResponse): void =>
    handle(new Http1Exchange(request, response));
  server.on('request', http1Listener as never).removeAllListeners('stream');
  server.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
    // What a client cuts off is no error of anybody here: whoever reads the body hears of that by its end.
    stream.on('error', ignore);
    // It may have ended before anybody looked at it.
    if (!stream.destroyed && !stream.closed) handle(new Http2Exchange(stream, headers, answerTime));
  });
  // By default it is 64 KiB, which a dozen reviews at a time fill.
  server.on('session', (session) => session.setLocalWindowSize(admissionLimits.connectionWindow));
  server.setTimeout(idleTime);
  return server;
}

function ignore(): void {}
