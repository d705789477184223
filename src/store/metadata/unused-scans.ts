import type { Digest } from '../../oci/digest.ts';
import type { SqlQueries } from '../sql/database.ts';

/**
 * What is kept of images that are in no repository any more. It is looked for in stretches, outside transactions; what was found is looked
 * at again in the transaction that removes it, so that nothing goes of an image that is pushed at the same moment.
 */

/** The scan of an image, and whether nobody needs what is known of it. */
export interface UsedScan {
  readonly id: number;
  /** 1 or 0. */
  readonly unused: number;
}

const unusedScan = `s.state <> 'running' AND s.updated_at < ? AND NOT EXISTS (SELECT 1 FROM manifests m WHERE m.digest = s.digest)
  AND NOT EXISTS (SELECT 1 FROM scan_offers o WHERE o.digest = s.digest)`;

/** The next scans after one. @param before milliseconds since 1970: what was changed later is used */
export function nextScans(
  queries: SqlQueries,
  after: number,
  before: number,
  limit: number,
): Promise<readonly UsedScan[]> {
  return queries.all<UsedScan>(
    `SELECT s.id AS id, CASE WHEN ${unusedScan} THEN 1 ELSE 0 END AS unused FROM scans s WHERE s.id > ? ORDER BY s.id LIMIT ?`,
    before,
    after,
    limit,
  );
}

/** Removes a scan with all that is known by it, if it is still unused. Packages stay, which other images may have. */
export async function removeScan(queries: SqlQueries, id: number, before: number): Promise<boolean> {
  const unused = await queries.get(`SELECT s.id AS id FROM scans s WHERE s.id = ? AND ${unusedScan}`, id, before);
  if (unused === undefined) return false;
  await queries.run('DELETE FROM scan_evidence WHERE scan = ?', id);
  await queries.run('DELETE FROM scan_inventories WHERE scan = ?', id);
  await queries.run('DELETE FROM image_packages WHERE scan = ?', id);
  await queries.run('DELETE FROM scan_attachments WHERE scan = ?', id);
  await queries.run('DELETE FROM scans WHERE id = ?', id);
  return true;
}

/** A package, and whether no image has it. */
export interface UsedPackage {
  readonly id: number;
  /** 1 or 0. */
  readonly unused: number;
}

/** The next packages after one. */
export function nextPackages(queries: SqlQueries, after: number, limit: number): Promise<readonly UsedPackage[]> {
  return queries.all<UsedPackage>(
    `SELECT p.id AS id, CASE WHEN EXISTS (SELECT 1 FROM image_packages i WHERE i.package = p.id) THEN 0 ELSE 1 END AS unused
      FROM packages p WHERE p.id > ? ORDER BY p.id LIMIT ?`,
    after,
    limit,
  );
}

/** Removes a package with its flaws, if no image has it. */
export async function removePackage(queries: SqlQueries, id: number): Promise<boolean> {
  const removed = await queries.run(
    'DELETE FROM packages WHERE id = ? AND NOT EXISTS (SELECT 1 FROM image_packages i WHERE i.package = packages.id)',
    id,
  );
  if (removed === 0) return false;
  await queries.run('DELETE FROM package_flaws WHERE package = ?', id);
  return true;
}

const ofNoPackage = `package > ? AND package <= ?
  AND NOT EXISTS (SELECT 1 FROM packages p WHERE p.id = package_flaws.package)`;

/** Whether there are flaws of packages after one, up to another, that are gone: who judged them may have added some since. */
export async function hasStrayFlaws(queries: SqlQueries, after: number, until: number): Promise<boolean> {
  const sql = `SELECT package FROM package_flaws WHERE ${ofNoPackage} LIMIT 1`;
  return (await queries.get(sql, after, until)) !== undefined;
}

/** Removes them. */
export function removeStrayFlaws(queries: SqlQueries, after: number, until: number): Promise<number> {
  return queries.run(`DELETE FROM package_flaws WHERE ${ofNoPackage}`, after, until);
}

/** What the registry attached to an image, and whether the image is in that repository no more. */
export interface UsedAttachment {
  readonly repository: number;
  readonly scan: number;
  readonly kind: string;
  readonly digest: Digest;
  /** 1 or 0. */
  readonly stray: number;
}

const strayAttachment = `NOT EXISTS (SELECT 1 FROM scans s JOIN manifests m ON m.digest = s.digest
  WHERE s.id = a.scan AND m.repository = a.repository)`;

/** Before all attachments. */
export const firstAttachment: Pick<UsedAttachment, 'repository' | 'scan' | 'kind'> = {
  repository: 0,
  scan: 0,
  kind: '',
};

/** The next attachments after one. */
export function nextAttachments(
  queries: SqlQueries,
  after: Pick<UsedAttachment, 'repository' | 'scan' | 'kind'>,
  limit: number,
): Promise<readonly UsedAttachment[]> {
  return queries.all<UsedAttachment>(
    `SELECT a.repository AS repository, a.scan AS scan, a.kind AS kind, a.digest AS digest,
      CASE WHEN ${strayAttachment} THEN 1 ELSE 0 END AS stray FROM scan_attachments a
      WHERE (a.repository, a.scan, a.kind) > (?, ?, ?) ORDER BY a.repository, a.scan, a.kind LIMIT ?`,
    after.repository,
    after.scan,
    after.kind,
    limit,
  );
}

/** Forgets an attachment whose image is in its repository no more; false when it is there. The manifest itself is the caller's. */
export async function forgetAttachment(
  queries: SqlQueries,
  { repository, scan, kind, digest }: UsedAttachment,
): Promise<boolean> {
  const removed = await queries.run(
    `DELETE FROM scan_attachments AS a WHERE a.repository = ? AND a.scan = ? AND a.kind = ? AND a.digest = ? AND ${strayAttachment}`,
    repository,
    scan,
    kind,
    digest,
  );
  return removed === 1;
}
