import {
  createServer as createHttpServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { SecureContextOptions } from 'node:tls';
import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { limits } from '../limits.ts';
import { type CompiledProxies, noteOrigin } from './client-origin.ts';
import type { Connections } from './connections.ts';
import { sendError } from './send-error.ts';
import { RegistryError } from '../error.ts';

/** Milliseconds for which a connection may be silent. */
export interface ServerTimeouts {
  /** Until the head of a request is whole. */
  readonly head?: number;
  /** Between two parts of a body, or of an answer that its client takes. */
  readonly idle?: number;
}

/** What a server is made of. */
export interface ServerOptions {
  /** Serves `/v2/`, and says of other paths that they are none; it answers every request itself, with errors too. */
  readonly distribution: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  /** Undefined for plain HTTP. */
  readonly tls?: SecureContextOptions & { readonly requestCert?: boolean; readonly rejectUnauthorized?: boolean };
  readonly timeouts?: ServerTimeouts;
  readonly connections: Connections;
  /** Those that are believed about where requests come from, as they are now. */
  readonly proxies?: () => CompiledProxies | undefined;
}

/**
 * The HTTP server: routing, limits on heads and idle connections, and a close that lets running requests end. Further routes are
 * added to it before it listens.
 */
export function createServer({
  distribution,
  tls,
  timeouts = {},
  connections,
  proxies,
}: ServerOptions): FastifyInstance {
  const server = fastify({
    serverFactory: (handler) => listener(connections, handler, tls, timeouts, proxies),
    clientErrorHandler: (error, socket) => connections.refuse(error, socket),
    bodyLimit: limits.manifestBytes,
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: limits.headerBytes, caseSensitive: true },
    frameworkErrors: (_error, _request, reply) => {
      reply.hijack();
      sendError(reply.raw, new RegistryError('NAME_INVALID', 'The path cannot be read'));
    },
    exposeHeadRoutes: false,
    // A parameter that nobody knows is a mistake of who asks, and no part of it to be dropped.
    ajv: { customOptions: { removeAdditional: false } },
  });
  // Bodies are read by whoever handles the request, as they come.
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', (_request, _payload, done) => done(null));
  for (const url of ['/v2', '/v2/*']) {
    // Taken before the framework looks at the body: it would refuse what it cannot read as a Content-Type.
    const onRequest = (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
      reply.hijack();
      return distribution(request.raw, reply.raw);
    };
    server.all(url, { onRequest }, () => undefined);
  }
  // Methods that the router does not know come here too.
  server.setNotFoundHandler((request, reply) => {
    reply.hijack();
    return distribution(request.raw, reply.raw);
  });
  return server;
}

function listener(
  connections: Connections,
  handler: RequestListener,
  tls: ServerOptions['tls'],
  { head = limits.headTimeout, idle = limits.idleTimeout }: ServerTimeouts,
  proxies: ServerOptions['proxies'],
): Server {
  const http = {
    maxHeaderSize: limits.headerBytes,
    headersTimeout: head,
    // How often heads are looked at that are not whole yet.
    connectionsCheckingInterval: Math.ceil(head / 4),
    // Blobs may take hours; silence is what ends a connection.
    requestTimeout: 0,
    keepAliveTimeout: 65_000,
    // A second head that is smuggled behind the first is for nobody.
    insecureHTTPParser: false,
  } as const;
  const inTurn: RequestListener = (request, response) => {
    noteOrigin(request, proxies?.());
    connections.serve(request, response, () => handler(request, response));
  };
  const server =
    tls === undefined
      ? createHttpServer(http, inTurn)
      : createHttpsServer({ ...http, ...tls, handshakeTimeout: head }, inTurn);
  server.maxHeadersCount = limits.headers;
  server.timeout = idle;
  connections.watch(server);
  // RFC 9110, 10.1.1: `100-continue` is all that is ever expected.
  server.on('checkExpectation', (_request: IncomingMessage, response: ServerResponse) => {
    sendError(response, new RegistryError('UNSUPPORTED', 'This expectation cannot be met', { status: 417 }));
  });
  return server;
}
