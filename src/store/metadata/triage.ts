import type { Digest } from '../../oci/digest.ts';
import type { SqlQueries } from '../sql/database.ts';
import { inList } from './in-list.ts';

/** A package that some images have. */
export interface PackageRow {
  readonly id: number;
  readonly type: string;
  readonly name: string;
  readonly version: string;
  readonly source: string | null;
  readonly sourceVersion: string | null;
  readonly distro: string;
  readonly purl: string;
}

const columns =
  'p.id AS id, p.type AS type, p.name AS name, p.version AS version, p.source AS source, p.source_version AS "sourceVersion", p.distro AS distro, p.purl AS purl';

/** Packages with a flaw, by any of its ids. */
export function packagesWithFlaw(queries: SqlQueries, flaw: string): Promise<readonly PackageRow[]> {
  return queries.all<PackageRow>(
    `SELECT ${columns} FROM package_flaws f JOIN packages p ON p.id = f.package
      WHERE f.flaw = ? AND f.gone_at = 0`,
    flaw,
  );
}

/** Packages of a name, and those that were built from a source of that name. */
export function packagesNamed(queries: SqlQueries, name: string): Promise<readonly PackageRow[]> {
  return queries.all<PackageRow>(
    `SELECT ${columns} FROM packages p WHERE p.name = ?
      UNION SELECT ${columns} FROM packages p WHERE p.source = ?`,
    name,
    name,
  );
}

/** Which images have packages. */
export function imagesWithPackages(
  queries: SqlQueries,
  packages: readonly number[],
): Promise<readonly { readonly package: number; readonly scan: number }[]> {
  return inList<{ package: number; scan: number }>(
    queries,
    (list) => `SELECT package, scan FROM image_packages WHERE package IN (${list})`,
    [],
    packages,
  );
}

/** An image in a repository. */
export interface ImagePlace {
  readonly scan: number;
  readonly digest: Digest;
  readonly repository: string;
  readonly pushedAt: number;
  readonly pulledAt: number | null;
}

/** The repositories that images are in. */
export function placesOf(queries: SqlQueries, scans: readonly number[]): Promise<readonly ImagePlace[]> {
  return inList<ImagePlace>(
    queries,
    (
      list,
    ) => `SELECT s.id AS scan, s.digest AS digest, r.name AS repository, m.pushed_at AS "pushedAt", m.pulled_at AS "pulledAt"
      FROM scans s JOIN manifests m ON m.digest = s.digest JOIN repositories r ON r.id = m.repository WHERE s.id IN (${list})`,
    [],
    scans,
  );
}

/** A tag that leads to an image, itself or by an index. */
export interface ImageTag {
  readonly scan: number;
  readonly repository: string;
  readonly tag: string;
}

/** The tags that lead to images. */
export async function tagsOfImages(queries: SqlQueries, scans: readonly number[]): Promise<readonly ImageTag[]> {
  const named = await inList<ImageTag>(
    queries,
    (list) => `SELECT s.id AS scan, r.name AS repository, t.name AS tag
      FROM scans s JOIN manifests m ON m.digest = s.digest JOIN tags t ON t.repository = m.repository AND t.digest = m.digest
      JOIN repositories r ON r.id = m.repository WHERE s.id IN (${list})`,
    [],
    scans,
  );
  const indexed = await inList<ImageTag>(
    queries,
    (list) => `SELECT s.id AS scan, r.name AS repository, t.name AS tag
      FROM scans s JOIN manifests m ON m.digest = s.digest
      JOIN manifest_links l ON l.repository = m.repository AND l.target = m.digest AND l.kind = 'manifest'
      JOIN tags t ON t.repository = l.repository AND t.digest = l.manifest
      JOIN repositories r ON r.id = m.repository WHERE s.id IN (${list})`,
    [],
    scans,
  );
  return [...named, ...indexed];
}

/** The latest pulls of a repository, newest first, as entries of the audit trail. */
export async function latestPulls(
  queries: SqlQueries,
  repository: string,
  since: number,
  limit: number,
): Promise<readonly string[]> {
  const rows = await queries.all<{ entry: string }>(
    `SELECT entry FROM audit WHERE repository = ? AND time >= ? AND action = 'pull' AND outcome = 'done'
      ORDER BY time DESC LIMIT ?`,
    repository,
    since,
    limit,
  );
  return rows.map(({ entry }) => entry);
}
