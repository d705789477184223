import type { SqlQueries } from '../sql/database.ts';

/** Tags by which documents are attached to a digest, and what they are named after it (distribution-spec, "Referrers Tag Schema"). */
const attachmentTag = /^sha(?:256|512)-[0-9a-f]{64}/;

/**
 * How often something that may vouch for a manifest of a repository has changed there: a document with a subject, an index, or a tag such
 * as `sha256-….sig`. Whoever read it before a look at what is attached, and reads the same again, would see what it saw.
 */
export async function attachmentRevision(queries: SqlQueries, repository: string): Promise<number> {
  const sql =
    'SELECT a.revision AS revision FROM repositories r JOIN attachments a ON a.repository = r.id WHERE r.name = ?';
  return (await queries.get<{ revision: number }>(sql, repository))?.revision ?? 0;
}

/** Counts a change, in the transaction that makes it. */
export async function countAttachment(queries: SqlQueries, repository: number): Promise<void> {
  await queries.run(
    `INSERT INTO attachments (repository, revision) VALUES (?, 1)
      ON CONFLICT (repository) DO UPDATE SET revision = attachments.revision + 1`,
    repository,
  );
}

/** Whether a tag attaches what it names to something. */
export function isAttachmentTag(name: string): boolean {
  return attachmentTag.test(name);
}
