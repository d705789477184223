import type { SqlQueries } from '../sql/database.ts';
import { countAttachment } from './attachments.ts';
import { findRepository } from './repositories.ts';

/** A list as an upstream gave it last. */
export interface UpstreamList {
  /** JSON. */
  readonly entries: string;
  readonly checkedAt: number;
  /** When it could not be asked since; 0 for never. */
  readonly failedAt: number;
}

/** The list of a repository's tags (`subject` empty), or of what is attached to a digest; undefined when there is none. */
export function findUpstreamList(
  queries: SqlQueries,
  repository: string,
  subject: string,
): Promise<UpstreamList | undefined> {
  return queries.get<UpstreamList>(
    `SELECT entries, checked_at AS "checkedAt", failed_at AS "failedAt" FROM upstream_lists
      WHERE repository = ? AND subject = ?`,
    repository,
    subject,
  );
}

/** Keeps a list. */
export async function keepUpstreamList(
  queries: SqlQueries,
  repository: string,
  subject: string,
  entries: string,
  now: number,
): Promise<void> {
  if (subject !== '' && (await findUpstreamList(queries, repository, subject))?.entries !== entries) {
    const id = await findRepository(queries, repository);
    if (id !== undefined) await countAttachment(queries, id);
  }
  await queries.run(
    `INSERT INTO upstream_lists (repository, subject, checked_at, entries) VALUES (?, ?, ?, ?)
      ON CONFLICT (repository, subject) DO UPDATE
      SET checked_at = excluded.checked_at, failed_at = 0, entries = excluded.entries`,
    repository,
    subject,
    now,
    entries,
  );
}

/** Writes down that a list could not be had. */
export async function markListFailed(
  queries: SqlQueries,
  repository: string,
  subject: string,
  now: number,
): Promise<void> {
  const sql = 'UPDATE upstream_lists SET failed_at = ? WHERE repository = ? AND subject = ?';
  await queries.run(sql, now, repository, subject);
}
/** Forgets lists that were asked for before a time. */
export function forgetUpstreamLists(queries: SqlQueries, before: number): Promise<number> {
  return queries.run('DELETE FROM upstream_lists WHERE checked_at < ?', before);
}
