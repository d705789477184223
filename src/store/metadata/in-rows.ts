import type { SqlQueries, SqlValue } from '../sql/database.ts';

/** Rows of one statement: few lengths, so that few statements are prepared. */
const lengths = [256, 32, 4, 1] as const;

/**
 * Writes many rows by few statements.
 *
 * @param sql the statement around the list of rows
 * @returns how many rows were changed
 */
export async function inRows(
  queries: SqlQueries,
  sql: (rows: string) => string,
  rows: readonly (readonly SqlValue[])[],
): Promise<number> {
  let changed = 0;
  for (let at = 0; at < rows.length;) {
    const length = lengths.find((one) => one <= rows.length - at) ?? 1;
    const part = rows.slice(at, at + length);
    const marks = part.map((row) => `(${row.map(() => '?').join(', ')})`).join(', ');
    changed += await queries.run(sql(marks), ...part.flat());
    at += length;
  }
  return changed;
}
