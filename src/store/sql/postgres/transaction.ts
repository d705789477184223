import type { PoolClient } from 'pg';
import type { SqlQueries } from '../database.ts';
import { TransactionScope } from '../transaction-scope.ts';
import { isConflict, postgresError } from './error.ts';
import { PostgresSession, type SessionShared } from './session.ts';

/** How one attempt ended: with a value, or because others were in the way, so that it may be tried again. */
export type Attempt<Result> = { readonly value: Result } | { readonly conflict: unknown };

/** What a transaction is begun with. */
export interface AttemptOptions {
  readonly isDurable: boolean;
  readonly shared: SessionShared;
}

const begin = 'BEGIN ISOLATION LEVEL SERIALIZABLE';
/** The server tells of the commit before it is on its disk; a crash of the server may lose it, but mixes nothing up. */
const beginQuickly = `${begin}; SET LOCAL synchronous_commit TO OFF`;

/**
 * Runs a transaction on a connection and gives the connection back, or ends it when it cannot be used any more.
 *
 * @throws StoreError, or what the work threw, when it is not to be tried again
 */
export async function attempt<Result>(
  client: PoolClient,
  work: (queries: SqlQueries) => Promise<Result>,
  { isDurable, shared }: AttemptOptions,
): Promise<Attempt<Result>> {
  const session = new PostgresSession(client, shared);
  const scope = new TransactionScope(session);
  // The server ends a session that does nothing in a transaction for too long; then there is no query that could fail.
  const lost = Promise.withResolvers<never>();
  lost.promise.catch(() => undefined);
  let isOver = false;
  const onError = (error: unknown): void => {
    isOver = true;
    lost.reject(postgresError(error, shared.secrets));
  };
  client.on('error', onError);
  try {
    await session.command(isDurable ? begin : beginQuickly);
    const value = await Promise.race([work(scope), lost.promise]);
    scope.close();
    await session.command('COMMIT');
    return { value };
  } catch (error) {
    scope.end();
    if (!isOver && !session.isBroken) isOver = !(await rollsBack(session));
    const conflict = [error, scope.failure].find(isConflict);
    if (conflict !== undefined) return { conflict };
    throw error;
  } finally {
    client.off('error', onError);
    client.release(isOver || session.isBroken);
  }
}

async function rollsBack(session: PostgresSession): Promise<boolean> {
  try {
    await session.command('ROLLBACK');
    return true;
  } catch {
    return false;
  }
}
