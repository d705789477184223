import type { Digest } from '../../../oci/digest.ts';
import { imagesWithPackages, placesOf, tagsOfImages, type PackageRow } from '../../../store/metadata/triage.ts';
import type { SqlQueries } from '../../../store/sql/database.ts';
import { findPackages } from './find-packages.ts';
import type { TriageQuestion } from './parse-question.ts';

/** An image that is hit, in one repository. */
export interface HitImage {
  readonly repository: string;
  readonly digest: Digest;
  /** Tags that lead to it, itself or by an index, sorted. */
  readonly tags: readonly string[];
  /** Milliseconds since 1970. */
  readonly pushedAt: number;
  readonly pulledAt: number | null;
  /** What it is hit by, sorted. */
  readonly packages: readonly { readonly name: string; readonly version: string; readonly purl: string }[];
}

/** What was found. */
export interface TriageResult {
  /** Sorted by repository, then digest. */
  readonly images: readonly HitImage[];
  /** Packages of the name whose versions could not be compared, wherever they lie: `name version`, sorted. */
  readonly unreadable: readonly string[];
}

/**
 * Finds the stored images that are hit, from what was kept of their scans: no image is read.
 *
 * @param sees whether a repository may be told of
 */
export async function findImages(
  queries: SqlQueries,
  question: TriageQuestion,
  sees: (repository: string) => boolean,
): Promise<TriageResult> {
  const { packages, unreadable } = await findPackages(queries, question);
  const byScan = await packagesByScan(queries, packages);
  const scans = [...byScan.keys()];
  const places = (await placesOf(queries, scans)).filter(({ repository }) => sees(repository));
  const tags = new Map<string, Set<string>>();
  for (const { scan, repository, tag } of await tagsOfImages(queries, scans)) {
    const key = `${scan} ${repository}`;
    const known = tags.get(key);
    if (known === undefined) tags.set(key, new Set([tag]));
    else known.add(tag);
  }
  const images = places.map(({ scan, repository, digest, pushedAt, pulledAt }): HitImage => {
    const found = [...(tags.get(`${scan} ${repository}`) ?? [])].sort();
    return { repository, digest, tags: found, pushedAt, pulledAt, packages: byScan.get(scan) ?? [] };
  });
  images.sort((a, b) => compareText(a.repository, b.repository) || compareText(a.digest, b.digest));
  const seen = await seenPackages(queries, unreadable, sees);
  return { images, unreadable: seen };
}

async function packagesByScan(
  queries: SqlQueries,
  rows: readonly PackageRow[],
): Promise<ReadonlyMap<number, HitImage['packages']>> {
  const told = new Map(rows.map(({ id, name, version, purl }) => [id, { name, version, purl }]));
  const byScan = new Map<number, (typeof told extends Map<number, infer Told> ? Told : never)[]>();
  for (const { package: id, scan } of await imagesWithPackages(queries, [...told.keys()])) {
    const pkg = told.get(id);
    if (pkg === undefined) continue;
    const known = byScan.get(scan);
    if (known === undefined) byScan.set(scan, [pkg]);
    else known.push(pkg);
  }
  for (const list of byScan.values()) list.sort((a, b) => compareText(a.name, b.name) || compareText(a.purl, b.purl));
  return byScan;
}

/** Of packages that nobody may be told of who cannot see an image that has them, those that may. */
async function seenPackages(
  queries: SqlQueries,
  rows: readonly PackageRow[],
  sees: (repository: string) => boolean,
): Promise<readonly string[]> {
  const byScan = await packagesByScan(queries, rows);
  const seen = new Set<string>();
  for (const { scan, repository } of await placesOf(queries, [...byScan.keys()])) {
    if (!sees(repository)) continue;
    for (const { name, version } of byScan.get(scan) ?? []) seen.add(`${name} ${version}`);
  }
  return [...seen].sort();
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
