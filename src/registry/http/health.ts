import type { FastifyInstance } from 'fastify';
import type { Clock } from '../../net/clock.ts';
import type { SqlDatabase } from '../../store/sql/database.ts';
import { limits } from '../limits.ts';

/** What a registry can be without and serve on, though not all of it. */
export type Degradation = 'vulnerability-database';

/**
 * Adds `/healthz`, which says that the process answers, and `/readyz`, which says that it can serve: its database answers, and
 * soon. Neither wants a login, and neither says more than that, but for what it lacks meanwhile: requests that do not need it are
 * served, so that a load balancer must not look elsewhere, where the same may be missing.
 */
export function addHealth(
  server: FastifyInstance,
  database: SqlDatabase,
  clock: Pick<Clock, 'sleep'>,
  degraded: () => readonly Degradation[] = () => [],
): void {
  server.get('/healthz', () => ({ status: 'ok' }));
  server.get('/readyz', async (_request, reply) => {
    if (!(await answers(database, clock))) return reply.code(503).send({ status: 'unavailable' });
    const missing = degraded();
    return missing.length === 0 ? { status: 'ok' } : { status: 'degraded', missing };
  });
}

/** A database that is silent is as good as none: who asks sends requests elsewhere, and does not wait for long. */
async function answers(database: SqlDatabase, clock: Pick<Clock, 'sleep'>): Promise<boolean> {
  const over = new AbortController();
  const late = clock.sleep(limits.readyTime, over.signal).then(
    () => false,
    () => false,
  );
  const answered = database.get('SELECT 1 AS one').then(
    () => true,
    () => false,
  );
  const result = await Promise.race([answered, late]);
  over.abort();
  return result;
}
