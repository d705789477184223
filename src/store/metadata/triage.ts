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

/**
 * Packages of a name, and those that were built from a source of that name. Of ecosystems that take several spellings for one name, also
 * packages that are spelled otherwise, and perhaps some of other names that look alike; of Maven, artifacts of that name in any group.
 */
export function packagesNamed(queries: SqlQueries, name: string): Promise<readonly PackageRow[]> {
  return queries.all<PackageRow>(
    `SELECT ${columns} FROM packages p WHERE p.name = ?
      UNION SELECT ${columns} FROM packages p WHERE p.source = ?
      UNION SELECT ${columns} FROM packages p WHERE lower(replace(replace(p.name, '_', '-'), '.', '-')) = ?
        AND p.type IN ('bitnami', 'composer', 'nuget', 'pypi')
      UNION SELECT ${columns} FROM packages p WHERE replace(p.name, rtrim(p.name, replace(p.name, ':', '')), '') = ?
        AND p.type = 'maven'`,
    name,
    name,
    name.toLowerCase().replaceAll(/[_.]/g, '-'),
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

/** How many images of a repository no question finds, whatever they hold. */
export interface UnknownRow {
  readonly repository: string;
  readonly unscanned: number;
  readonly incomplete: number;
}

/**
 * Repositories with images that were not scanned, or of which not all is known.
 *
 * @param types what images call themselves in their manifests: media types of configs
 * @param findings whether findings count that could not be looked up, or only packages that could not be listed
 */
export function unknownImages(
  queries: SqlQueries,
  types: readonly string[],
  findings: boolean,
): Promise<readonly UnknownRow[]> {
  // Problems are kept as JSON. A quote inside of a text has a backslash before it, so that no text passes for the mark.
  const gap = `EXISTS (SELECT 1 FROM scan_inventories i WHERE i.scan = e.scan AND i.facts LIKE '%"incomplete":true%')`;
  return queries.all<UnknownRow>(
    `SELECT repository, SUM(unscanned) AS unscanned, SUM(incomplete) AS incomplete FROM (
      SELECT r.name AS repository, CASE WHEN e.scan IS NULL THEN 1 ELSE 0 END AS unscanned,
        CASE WHEN e.incomplete = 1${findings ? '' : ` AND ${gap}`} THEN 1 ELSE 0 END AS incomplete
      FROM manifests m JOIN repositories r ON r.id = m.repository
      LEFT JOIN scans s ON s.digest = m.digest LEFT JOIN scan_evidence e ON e.scan = s.id
      WHERE m.artifact_type IN (${types.map(() => '?').join(', ')}) AND (s.code IS NULL OR s.code <> 'NOT_AN_IMAGE')) AS images
      WHERE unscanned + incomplete > 0 GROUP BY repository`,
    ...types,
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
