import type { FastifyInstance } from 'fastify';
import type { SqlDatabase } from '../../store/sql/database.ts';

/**
 * Adds `/healthz`, which says that the process answers, and `/readyz`, which says that it can serve: its database answers. Neither
 * wants a login, and neither says more than that.
 */
export function addHealth(server: FastifyInstance, database: SqlDatabase): void {
  server.get('/healthz', () => ({ status: 'ok' }));
  server.get('/readyz', async (_request, reply) => {
    try {
      await database.get('SELECT 1 AS one');
      return { status: 'ok' };
    } catch {
      return reply.code(503).send({ status: 'unavailable' });
    }
  });
}
