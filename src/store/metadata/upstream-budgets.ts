import type { SqlQueries } from '../sql/database.ts';

/** How often something may be done in a time. */
export interface BudgetRule {
  readonly upstream: string;
  readonly kind: string;
  readonly limit: number;
  /** Milliseconds. */
  readonly per: number;
}

/**
 * Takes one from a budget that all processes share. Time goes in windows: the next begins with the first use after the one before.
 *
 * @returns 0 when it may be done, else the milliseconds until the next window
 */
export async function takeFromBudget(
  queries: SqlQueries,
  { upstream, kind, limit, per }: BudgetRule,
  now: number,
): Promise<number> {
  const row = await queries.get<{ since: number; used: number }>(
    'SELECT since, used FROM upstream_budgets WHERE upstream = ? AND kind = ?',
    upstream,
    kind,
  );
  // A window that begins in the future was opened by a clock that has been set back since.
  const isOver = row === undefined || row.since + per <= now || row.since > now;
  if (!isOver && row.used >= limit) return row.since + per - now;
  await queries.run(
    `INSERT INTO upstream_budgets (upstream, kind, since, used) VALUES (?, ?, ?, ?)
      ON CONFLICT (upstream, kind) DO UPDATE SET since = excluded.since, used = excluded.used`,
    upstream,
    kind,
    isOver ? now : row.since,
    isOver ? 1 : row.used + 1,
  );
  return 0;
}

/** Gives one back that was taken and turned out to be nothing that the budget is about. */
export async function returnToBudget(
  queries: SqlQueries,
  { upstream, kind }: Pick<BudgetRule, 'upstream' | 'kind'>,
): Promise<void> {
  await queries.run(
    'UPDATE upstream_budgets SET used = used - 1 WHERE upstream = ? AND kind = ? AND used > 0',
    upstream,
    kind,
  );
}
