import { createServer, type RequestListener, type Server } from 'node:http';
import { admissionLimits } from '../limits.ts';

/** A server without TLS, for metrics and health: where they are read is for the network to say. */
export function createPlainServer(limits: { readonly headTime: number }, handle: RequestListener): Server {
  const server = createServer(
    {
      maxHeaderSize: admissionLimits.headerBytes,
      headersTimeout: limits.headTime,
      requestTimeout: limits.headTime,
      connectionsCheckingInterval: Math.ceil(limits.headTime / 4),
      keepAliveTimeout: 65_000,
    },
    handle,
  );
  server.maxConnections = admissionLimits.plainConnections;
  return server;
}
