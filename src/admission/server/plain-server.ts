import { createServer, type Server } from 'node:http';
import { admissionLimits } from '../limits.ts';
import type { Exchange } from './exchange.ts';
import { Http1Exchange } from './http1-exchange.ts';

/** A server without TLS, for metrics and health: where they are read is for the network to say. */
export function createPlainServer(limits: { readonly headTime: number }, handle: (exchange: Exchange) => void): Server {
  const server = createServer(
    {
      maxHeaderSize: admissionLimits.headerBytes,
      headersTimeout: limits.headTime,
      requestTimeout: limits.headTime,
      connectionsCheckingInterval: Math.ceil(limits.headTime / 4),
      keepAliveTimeout: 65_000,
    },
    (request, response) => handle(new Http1Exchange(request, response)),
  );
  server.maxConnections = admissionLimits.plainConnections;
  return server;
}
