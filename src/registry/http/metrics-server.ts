import { fastify, type FastifyInstance } from 'fastify';
import type { MetricsAnswer } from '../metrics/render-metrics.ts';

/** Serves metrics at an address of their own, which needs no login: where they are read is for the network to say. */
export function createMetricsServer(render: () => Promise<MetricsAnswer>): FastifyInstance {
  const server = fastify({ forceCloseConnections: 'idle', requestTimeout: 15_000, connectionTimeout: 15_000 });
  server.get('/metrics', async (_request, reply) => {
    const { contentType, body } = await render();
    return reply.type(contentType).send(body);
  });
  return server;
}
