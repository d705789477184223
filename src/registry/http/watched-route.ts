import type { IncomingMessage } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** A request of a route beside the distribution API that was answered. */
export interface EndedRequest {
  readonly request: IncomingMessage;
  readonly kind: 'api' | 'token';
  /** As a template, with braces for what differs. */
  readonly template: string;
  readonly status: number;
  readonly seconds: number;
  readonly receivedBytes: number;
  readonly sentBytes: number;
}

/** Who is told of requests of such routes. */
export interface RouteObserver {
  readonly begin: () => void;
  readonly end: (ended: EndedRequest) => void;
}

/** What a route is added with, so that its requests are told of, by whatever way they are answered. */
export interface WatchedRoute {
  readonly onRequest: (request: FastifyRequest, reply: FastifyReply, done: () => void) => void;
  readonly onResponse: (request: FastifyRequest, reply: FastifyReply, done: () => void) => void;
}

/** Watches a route; undefined observers see nothing. */
export function watchedRoute(
  observer: RouteObserver | undefined,
  kind: EndedRequest['kind'],
  template: string,
): Partial<WatchedRoute> {
  if (observer === undefined) return {};
  return {
    onRequest(_request, _reply, done) {
      observer.begin();
      done();
    },
    onResponse({ raw }, reply, done) {
      observer.end({
        request: raw,
        kind,
        template,
        // A client that went saw none.
        status: reply.raw.writableFinished ? reply.raw.statusCode : 499,
        seconds: reply.elapsedTime / 1000,
        receivedBytes: Number(raw.headers['content-length'] ?? 0),
        sentBytes: Number(reply.raw.getHeader('content-length') ?? 0),
      });
      done();
    },
  };
}
