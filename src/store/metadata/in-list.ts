import type { SqlQueries, SqlValue } from '../sql/database.ts';

/** Lengths of lists, so that few statements are prepared however many values are asked for. */
const lengths = [4, 16, 64, 256] as const;

/** Asks for many values, by as few statements of as few forms as may be. */
export async function inList<Row>(
  queries: SqlQueries,
  sql: (list: string) => string,
  before: readonly SqlValue[],
  values: readonly SqlValue[],
): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (let at = 0; at < values.length;) {
    const left = values.length - at;
    const length = lengths.find((one) => one >= left) ?? 256;
    const part = values.slice(at, at + length);
    // The last value fills the list up: it is asked for more than once, and found once.
    const filled = Array.from({ length }, (_, index) => part[Math.min(index, part.length - 1)] as SqlValue);
    rows.push(...(await queries.all<Row>(sql(filled.map(() => '?').join(', ')), ...before, ...filled)));
    at += part.length;
  }
  return rows;
}
