import type { UploadState } from '../blob/blob-store.ts';
import type { SqlQueries, SqlRow } from '../sql/database.ts';

/** An upload that is under way. */
export interface UploadRecord {
  readonly id: string;
  /** Its repository. */
  readonly repository: number;
  readonly name: string;
  /** Who began it: nobody else may go on with it. */
  readonly owner: string;
  /** Bytes that came so far. */
  readonly size: number;
  /** These bytes, while they are few; else they are in the blob store. */
  readonly content: Uint8Array | null;
  /** What the blob store keeps of it. */
  readonly parts: unknown;
  /** Changes with every change, so that two requests that go on with one upload at once are told apart. */
  readonly version: number;
}

const columns = `u.id AS id, u.repository AS repository, r.name AS name, u.owner AS owner, u.size AS size,
  u.content AS content, u.parts AS parts, u.version AS version`;

/** Begins an upload. */
export async function insertUpload(
  queries: SqlQueries,
  { id, repository, owner }: Pick<UploadRecord, 'id' | 'repository' | 'owner'>,
  now: number,
): Promise<void> {
  await queries.run(
    `INSERT INTO uploads (id, repository, owner, size, version, created_at, updated_at) VALUES (?, ?, ?, 0, 0, ?, ?)`,
    id,
    repository,
    owner,
    now,
    now,
  );
}

/** Whether somebody has so many uploads under way, or more. */
export async function hasUploads(queries: SqlQueries, owner: string, count: number): Promise<boolean> {
  const row = await queries.get('SELECT 1 AS there FROM uploads WHERE owner = ? LIMIT 1 OFFSET ?', owner, count - 1);
  return row !== undefined;
}

/** Bytes that uploads of a repository hold. */
export async function uploadedBytes(queries: SqlQueries, repository: number): Promise<number> {
  const sql = 'SELECT COALESCE(SUM(size), 0) AS bytes FROM uploads WHERE repository = ?';
  return (await queries.get<{ bytes: number }>(sql, repository))?.bytes ?? 0;
}

/** An upload of a repository. */
export async function findUpload(
  queries: SqlQueries,
  repository: string,
  id: string,
): Promise<UploadRecord | undefined> {
  const row = await queries.get(
    `SELECT ${columns} FROM uploads u JOIN repositories r ON r.id = u.repository WHERE u.id = ? AND r.name = ?`,
    id,
    repository,
  );
  return row === undefined ? undefined : recordOf(row);
}

/** The state that the blob store knows an upload by. */
export function uploadState({ id, size, content, parts }: UploadRecord): UploadState {
  // What lies in the database was never handed to the blob store, where the upload begins anew.
  const offset = content === null ? size : 0;
  return parts === undefined ? { id, offset } : { id, offset, parts };
}

/**
 * Takes an upload for one request until a time, so that no two write to it; undefined when another has it, or it changed since it
 * was found.
 */
export async function lockUpload(
  queries: SqlQueries,
  upload: UploadRecord,
  until: number,
  now: number,
): Promise<UploadRecord | undefined> {
  const changed = await queries.run(
    `UPDATE uploads SET version = version + 1, locked_until = ?, updated_at = ?
      WHERE id = ? AND version = ? AND locked_until < ?`,
    until,
    now,
    upload.id,
    upload.version,
    now,
  );
  return changed === 0 ? undefined : { ...upload, version: upload.version + 1 };
}

/** Holds an upload for longer; false when it is over, or another request took it. */
export async function renewUpload(
  queries: SqlQueries,
  { id, version }: UploadRecord,
  until: number,
  now: number,
): Promise<boolean> {
  const sql = 'UPDATE uploads SET locked_until = ?, updated_at = ? WHERE id = ? AND version = ? AND locked_until > 0';
  return (await queries.run(sql, until, now, id, version)) > 0;
}

/** Lets others go on with an upload that nothing came for. */
export async function unlockUpload(queries: SqlQueries, { id, version }: UploadRecord): Promise<void> {
  await queries.run('UPDATE uploads SET locked_until = 0 WHERE id = ? AND version = ?', id, version);
}

/** Keeps what came for an upload, and lets others go on with it; false when another request changed it meanwhile. */
export async function updateUpload(
  queries: SqlQueries,
  upload: UploadRecord,
  next: { readonly size: number; readonly content: Uint8Array | null; readonly parts: unknown },
  now: number,
): Promise<boolean> {
  const changed = await queries.run(
    `UPDATE uploads SET size = ?, content = ?, parts = ?, version = version + 1, locked_until = 0, updated_at = ?
      WHERE id = ? AND version = ?`,
    next.size,
    next.content,
    next.parts === undefined ? null : JSON.stringify(next.parts),
    now,
    upload.id,
    upload.version,
  );
  return changed > 0;
}

/** Ends an upload; false when it is over already. */
export async function deleteUpload(queries: SqlQueries, id: string): Promise<boolean> {
  return (await queries.run('DELETE FROM uploads WHERE id = ?', id)) > 0;
}

/** Uploads that nothing came for since a time, and that no request holds. */
export async function staleUploads(
  queries: SqlQueries,
  before: number,
  limit: number,
): Promise<readonly UploadRecord[]> {
  const rows = await queries.all(
    `SELECT ${columns} FROM uploads u JOIN repositories r ON r.id = u.repository
      WHERE u.updated_at < ? AND u.locked_until < ? ORDER BY u.updated_at LIMIT ?`,
    before,
    before,
    limit,
  );
  return rows.map(recordOf);
}

/** Number of uploads that nothing came for since a time. */
export async function countStaleUploads(queries: SqlQueries, before: number): Promise<number> {
  const sql = 'SELECT COUNT(*) AS uploads FROM uploads WHERE updated_at < ? AND locked_until < ?';
  return (await queries.get<{ uploads: number }>(sql, before, before))?.uploads ?? 0;
}

/** Ends an upload that is as it was found, so that nobody is going on with it; false when it is not. */
export async function expireUpload(queries: SqlQueries, { id, version }: UploadRecord): Promise<boolean> {
  return (await queries.run('DELETE FROM uploads WHERE id = ? AND version = ?', id, version)) > 0;
}

/** Names of uploads after one, in order. */
export async function uploadNames(queries: SqlQueries, after: string, limit: number): Promise<readonly string[]> {
  const sql = 'SELECT id FROM uploads WHERE id > ? ORDER BY id LIMIT ?';
  return (await queries.all<{ id: string }>(sql, after, limit)).map(({ id }) => id);
}

function recordOf(row: SqlRow): UploadRecord {
  const parts = row.parts === null ? undefined : (JSON.parse(row.parts as string) as unknown);
  return { ...(row as unknown as UploadRecord), parts };
}

/** How many uploads are under way. */
export async function openUploads(queries: SqlQueries): Promise<number> {
  return (await queries.get<{ count: number }>('SELECT COUNT(*) AS count FROM uploads'))?.count ?? 0;
}
