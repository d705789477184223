import type { Digest } from '../../oci/digest.ts';
import type { SqlQueries } from '../sql/database.ts';

/** How far the scan of an image has come. */
export type ScanState = 'waiting' | 'running' | 'done' | 'failed';

/** The scan of an image. Times are milliseconds since 1970. */
export interface ScanRow {
  readonly id: number;
  readonly state: ScanState;
  /** Times that it was begun since it was asked for, and since ever. */
  readonly attempts: number;
  readonly claims: number;
  /** Until then a process scans it. */
  readonly leaseUntil: number;
  /** Not before then. */
  readonly retryAt: number;
  /** Why it could not be scanned, in a word and in a sentence. */
  readonly code: string | null;
  readonly message: string | null;
  readonly updatedAt: number;
  /** One in which it was when it was asked for. */
  readonly repository: string;
}

/** What is known of an image that was scanned. */
export interface EvidenceRow {
  readonly id: number;
  readonly signature: string;
  readonly incomplete: number;
  readonly packages: number;
  readonly builtAt: number | null;
  readonly scannedAt: number;
  readonly judgedAt: number | null;
}

const columns = `id, state, attempts, claims, lease_until AS "leaseUntil", retry_at AS "retryAt", code, message,
  updated_at AS "updatedAt", repository`;

/** The scan of an image; undefined when nobody asked for one. */
export function findScan(queries: SqlQueries, digest: Digest): Promise<ScanRow | undefined> {
  return queries.get<ScanRow>(`SELECT ${columns} FROM scans WHERE digest = ?`, digest);
}

/** Asks for a scan; nothing is changed where one was asked for before. */
export async function addScan(queries: SqlQueries, digest: Digest, repository: string, now: number): Promise<boolean> {
  const added = await queries.run(
    `INSERT INTO scans (digest, state, attempts, claims, updated_at, repository) VALUES (?, 'waiting', 0, 0, ?, ?)
      ON CONFLICT (digest) DO NOTHING`,
    digest,
    now,
    repository,
  );
  return added === 1;
}

/** Lets an image be scanned again that was scanned or failed, with all its attempts. */
export async function resetScan(queries: SqlQueries, digest: Digest, repository: string, now: number): Promise<void> {
  await queries.run(
    `UPDATE scans SET state = 'waiting', attempts = 0, retry_at = 0, updated_at = ?, repository = ?
      WHERE digest = ? AND state IN ('done', 'failed')`,
    now,
    repository,
    digest,
  );
}

/**
 * Lets an image be read elsewhere whose content was not to be had where it was asked for first, at once and with all its attempts. False
 * where it is no such scan, or is under way.
 */
export async function moveScan(
  queries: SqlQueries,
  digest: Digest,
  repository: string,
  code: string,
  now: number,
): Promise<boolean> {
  const moved = await queries.run(
    `UPDATE scans SET state = 'waiting', attempts = 0, retry_at = 0, updated_at = ?, repository = ?
      WHERE digest = ? AND repository <> ? AND code = ? AND state IN ('waiting', 'failed')`,
    now,
    repository,
    digest,
    repository,
    code,
  );
  return moved === 1;
}

/** Takes a scan for a process: one that waits, or one whose process is gone. False when there is none to take. */
export async function claimScan(
  queries: SqlQueries,
  digest: Digest,
  { claim, now, until }: { readonly claim: string; readonly now: number; readonly until: number },
): Promise<boolean> {
  const taken = await queries.run(
    `UPDATE scans SET state = 'running', claim = ?, lease_until = ?, attempts = attempts + 1, claims = claims + 1, updated_at = ?
      WHERE digest = ? AND (state = 'waiting' OR (state = 'running' AND lease_until <= ?))`,
    claim,
    until,
    now,
    digest,
    now,
  );
  return taken === 1;
}

/** Says that a process still scans; false when another one has taken it over. */
export async function renewScan(queries: SqlQueries, digest: Digest, claim: string, until: number): Promise<boolean> {
  const sql = 'UPDATE scans SET lease_until = ? WHERE digest = ? AND claim = ?';
  return (await queries.run(sql, until, digest, claim)) === 1;
}

/** How a scan ended that gave no evidence. */
export interface ScanFailure {
  /** `waiting` for another attempt. */
  readonly state: 'waiting' | 'failed';
  readonly code: string;
  readonly message: string;
  readonly retryAt: number;
  /** False where it was no fault of the image, so that it does not count. */
  readonly counts: boolean;
}

/** Records a failure; false when another process has taken the scan over. */
export async function failScan(
  queries: SqlQueries,
  digest: Digest,
  claim: string,
  failure: ScanFailure,
  now: number,
): Promise<boolean> {
  const { state, code, message, retryAt, counts } = failure;
  const changed = await queries.run(
    `UPDATE scans SET state = ?, code = ?, message = ?, retry_at = ?, attempts = attempts - ?, claim = NULL, lease_until = 0,
      updated_at = ? WHERE digest = ? AND claim = ?`,
    state,
    code,
    message,
    retryAt,
    counts ? 0 : 1,
    now,
    digest,
    claim,
  );
  return changed === 1;
}

/** Lets an image wait that nobody has tried to scan yet; false where somebody has. */
export async function postponeScan(
  queries: SqlQueries,
  digest: Digest,
  { code, message, retryAt }: Pick<ScanFailure, 'code' | 'message' | 'retryAt'>,
  now: number,
): Promise<boolean> {
  const postponed = await queries.run(
    `UPDATE scans SET code = ?, message = ?, retry_at = ?, updated_at = ?
      WHERE digest = ? AND state = 'waiting' AND attempts = 0 AND code IS NULL`,
    code,
    message,
    retryAt,
    now,
    digest,
  );
  return postponed === 1;
}

/** Whether another image than one waits for its scan, which may begin. */
export async function isScanDue(queries: SqlQueries, but: Digest, now: number): Promise<boolean> {
  const sql = `SELECT 1 AS due FROM scans WHERE state = 'waiting' AND retry_at <= ? AND digest <> ? LIMIT 1`;
  return (await queries.get<{ due: number }>(sql, now, but)) !== undefined;
}

/** The same, and it is none that gave way because its content comes slowly. */
export async function isFreshScanDue(queries: SqlQueries, but: Digest, now: number): Promise<boolean> {
  const sql = `SELECT 1 AS due FROM scans WHERE state = 'waiting' AND retry_at <= ? AND digest <> ?
    AND (code IS NULL OR code <> 'CONTENT_SLOW') LIMIT 1`;
  return (await queries.get<{ due: number }>(sql, now, but)) !== undefined;
}

/** Scans whose process is gone. */
export async function lostScans(queries: SqlQueries, now: number, limit: number): Promise<readonly LostScan[]> {
  return queries.all<LostScan>(
    `SELECT digest, repository, attempts FROM scans WHERE state = 'running' AND lease_until <= ? ORDER BY lease_until LIMIT ?`,
    now,
    limit,
  );
}

/** One of {@link lostScans}. */
export interface LostScan {
  readonly digest: Digest;
  readonly repository: string;
  readonly attempts: number;
}

/** How many scans are in each state. */
export async function countScans(queries: SqlQueries): Promise<Readonly<Record<ScanState, number>>> {
  const rows = await queries.all<{ state: ScanState; scans: number }>(
    'SELECT state, COUNT(*) AS scans FROM scans GROUP BY state',
  );
  return {
    waiting: 0,
    running: 0,
    done: 0,
    failed: 0,
    ...Object.fromEntries(rows.map((row) => [row.state, row.scans])),
  };
}

/** What a finished scan gives. */
export interface NewEvidence {
  readonly signature: string;
  readonly isIncomplete: boolean;
  readonly packages: number;
  readonly builtAt: number | null;
  readonly content: Uint8Array;
  /** JSON of its packages' numbers and what else its evidence is made of. */
  readonly facts: string;
  readonly inventory: Uint8Array;
}

/** Keeps what a scan gave; undefined when another process has taken it over, else its number. */
export async function finishScan(
  queries: SqlQueries,
  digest: Digest,
  claim: string,
  evidence: NewEvidence,
  now: number,
): Promise<number | undefined> {
  const ended = await queries.run(
    `UPDATE scans SET state = 'done', code = NULL, message = NULL, attempts = 0, claim = NULL, lease_until = 0, updated_at = ?
      WHERE digest = ? AND claim = ?`,
    now,
    digest,
    claim,
  );
  if (ended === 0) return undefined;
  const { id } = (await queries.get<{ id: number }>('SELECT id FROM scans WHERE digest = ?', digest)) as { id: number };
  const { signature, isIncomplete, packages, builtAt, content, facts, inventory } = evidence;
  await queries.run(
    `INSERT INTO scan_evidence (scan, signature, incomplete, packages, built_at, scanned_at, judged_at, content)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (scan) DO UPDATE SET signature = excluded.signature,
      incomplete = excluded.incomplete, packages = excluded.packages, built_at = excluded.built_at,
      scanned_at = excluded.scanned_at, judged_at = excluded.judged_at, content = excluded.content`,
    id,
    signature,
    isIncomplete ? 1 : 0,
    packages,
    builtAt,
    now,
    builtAt === null ? null : now,
    content,
  );
  await queries.run(
    `INSERT INTO scan_inventories (scan, facts, inventory) VALUES (?, ?, ?)
      ON CONFLICT (scan) DO UPDATE SET facts = excluded.facts, inventory = excluded.inventory`,
    id,
    facts,
    inventory,
  );
  return id;
}

/** What is known of an image, without its content. */
export function findEvidence(queries: SqlQueries, digest: Digest): Promise<EvidenceRow | undefined> {
  return queries.get<EvidenceRow>(
    `SELECT s.id AS id, e.signature AS signature, e.incomplete AS incomplete, e.packages AS packages, e.built_at AS "builtAt",
      e.scanned_at AS "scannedAt", e.judged_at AS "judgedAt" FROM scans s JOIN scan_evidence e ON e.scan = s.id WHERE s.digest = ?`,
    digest,
  );
}

/** The same, with its content: both of one moment. */
export function readEvidence(
  queries: SqlQueries,
  digest: Digest,
): Promise<(EvidenceRow & { readonly content: Uint8Array }) | undefined> {
  return queries.get<EvidenceRow & { content: Uint8Array }>(
    `SELECT s.id AS id, e.signature AS signature, e.incomplete AS incomplete, e.packages AS packages, e.built_at AS "builtAt",
      e.scanned_at AS "scannedAt", e.judged_at AS "judgedAt", e.content AS content
      FROM scans s JOIN scan_evidence e ON e.scan = s.id WHERE s.digest = ?`,
    digest,
  );
}

/** The whole inventory of an image, packed, and what made it: both of one moment. */
export function readInventory(
  queries: SqlQueries,
  digest: Digest,
): Promise<{ readonly inventory: Uint8Array; readonly signature: string } | undefined> {
  return queries.get<{ inventory: Uint8Array; signature: string }>(
    `SELECT i.inventory AS inventory, e.signature AS signature FROM scans s JOIN scan_inventories i ON i.scan = s.id
      JOIN scan_evidence e ON e.scan = s.id WHERE s.digest = ?`,
    digest,
  );
}

/** The numbers of an image's packages and what else its evidence is made of. */
export async function readFacts(queries: SqlQueries, digest: Digest): Promise<string | undefined> {
  const row = await queries.get<{ facts: string }>(
    'SELECT i.facts AS facts FROM scans s JOIN scan_inventories i ON i.scan = s.id WHERE s.digest = ?',
    digest,
  );
  return row?.facts;
}

/** Scanned images, after one, whose evidence another version of this program made. */
export function outdatedScans(
  queries: SqlQueries,
  signature: string,
  after: number,
  limit: number,
): Promise<readonly { readonly id: number; readonly digest: Digest; readonly repository: string }[]> {
  return queries.all<{ id: number; digest: Digest; repository: string }>(
    `SELECT s.id AS id, s.digest AS digest, s.repository AS repository FROM scan_evidence e JOIN scans s ON s.id = e.scan
      WHERE e.scan > ? AND e.signature <> ? AND s.state = 'done' ORDER BY e.scan LIMIT ?`,
    after,
    signature,
    limit,
  );
}

/** Repositories that have a manifest, one of them first where it does. */
export function repositoriesWith(
  queries: SqlQueries,
  digest: Digest,
  first: string,
): Promise<readonly { readonly name: string; readonly mediaType: string }[]> {
  return queries.all<{ name: string; mediaType: string }>(
    `SELECT r.name AS name, m.media_type AS "mediaType" FROM manifests m JOIN repositories r ON r.id = m.repository
      WHERE m.digest = ? ORDER BY CASE WHEN r.name = ? THEN 0 ELSE 1 END, r.name LIMIT 8`,
    digest,
    first,
  );
}
