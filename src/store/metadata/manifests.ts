import type { Digest } from '../../oci/digest.ts';
import type { SqlQueries } from '../sql/database.ts';
import { countAttachment } from './attachments.ts';
import { inList } from './in-list.ts';

/** A manifest as it is found by a name. */
export interface ManifestRecord {
  readonly digest: Digest;
  /** As it was pushed. */
  readonly mediaType: string;
  readonly size: number;
  readonly pushedAt: number;
  readonly pulledAt: number | null;
}

/** What a manifest names. */
export interface ManifestLink {
  readonly target: Digest;
  readonly kind: 'blob' | 'manifest';
}

/** A manifest to be kept. */
export interface NewManifest {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly size: number;
  readonly artifactType: string | undefined;
  readonly subject: Digest | undefined;
  /** As they are shown in the list of its subject. */
  readonly annotations: Readonly<Record<string, string>>;
  readonly links: readonly ManifestLink[];
}

const columns = `m.digest AS digest, m.media_type AS "mediaType", m.size AS size, m.pushed_at AS "pushedAt",
  m.pulled_at AS "pulledAt"`;

/** A manifest by its digest; undefined while its bytes are known to be damaged, too, so that clients push it again. */
export function findManifest(
  queries: SqlQueries,
  repository: string,
  digest: Digest,
): Promise<ManifestRecord | undefined> {
  return queries.get<ManifestRecord>(
    `SELECT ${columns} FROM repositories r JOIN manifests m ON m.repository = r.id JOIN blobs b ON b.digest = m.digest
      WHERE r.name = ? AND m.digest = ? AND b.damaged = 0`,
    repository,
    digest,
  );
}

/** A manifest by its tag; undefined while its bytes are known to be damaged. */
export function findTagged(queries: SqlQueries, repository: string, tag: string): Promise<ManifestRecord | undefined> {
  return queries.get<ManifestRecord>(
    `SELECT ${columns} FROM repositories r JOIN tags t ON t.repository = r.id
      JOIN manifests m ON m.repository = r.id AND m.digest = t.digest JOIN blobs b ON b.digest = m.digest
      WHERE r.name = ? AND t.name = ? AND b.damaged = 0`,
    repository,
    tag,
  );
}

/** The digests among these that a repository has as manifests. */
export async function manifestsThere(
  queries: SqlQueries,
  repository: number,
  digests: readonly Digest[],
): Promise<ReadonlySet<string>> {
  const rows = await inList<{ digest: string }>(
    queries,
    (list) => `SELECT m.digest AS digest FROM manifests m JOIN blobs b ON b.digest = m.digest
      WHERE m.repository = ? AND m.digest IN (${list}) AND b.damaged = 0`,
    [repository],
    digests,
  );
  return new Set(rows.map(({ digest }) => digest));
}

/** Keeps a manifest of a repository; its bytes and what it names are there. The same again changes its time alone. */
export async function insertManifest(
  queries: SqlQueries,
  repository: number,
  { digest, mediaType, size, artifactType, subject, annotations, links }: NewManifest,
  now: number,
): Promise<void> {
  const entries = Object.entries(annotations);
  await queries.run(
    `INSERT INTO manifests (repository, digest, media_type, size, artifact_type, subject, annotations, pushed_at)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (repository, digest) DO UPDATE
      SET pushed_at = excluded.pushed_at, media_type = excluded.media_type`,
    repository,
    digest,
    mediaType,
    size,
    artifactType ?? null,
    subject ?? null,
    // Only lists of referrers show them.
    subject === undefined || entries.length === 0 ? null : JSON.stringify(annotations),
    now,
  );
  await insertLinks(queries, repository, digest, links);
  // What signs an index signs the images in it.
  if (subject !== undefined || links.some(({ kind }) => kind === 'manifest'))
    await countAttachment(queries, repository);
}

/** Records what a manifest names. */
export async function insertLinks(
  queries: SqlQueries,
  repository: number,
  manifest: Digest,
  links: readonly ManifestLink[],
): Promise<void> {
  for (const { target, kind } of links) {
    await queries.run(
      `INSERT INTO manifest_links (repository, manifest, target, kind) VALUES (?, ?, ?, ?)
        ON CONFLICT (repository, manifest, target) DO NOTHING`,
      repository,
      manifest,
      target,
      kind,
    );
  }
}

/** Records of blobs that a manifest names them, in all repositories that have it. */
export async function linkEverywhere(queries: SqlQueries, manifest: Digest, blobs: Iterable<Digest>): Promise<void> {
  for (const target of blobs) {
    await queries.run(
      `INSERT INTO manifest_links (repository, manifest, target, kind)
        SELECT m.repository, m.digest, ?, 'blob' FROM manifests m WHERE m.digest = ?
        ON CONFLICT (repository, manifest, target) DO NOTHING`,
      target,
      manifest,
    );
  }
}

/** Takes a manifest, and the tags that name it, from a repository; undefined when it is not there, else these tags. */
export async function deleteManifest(
  queries: SqlQueries,
  repository: number,
  digest: Digest,
): Promise<readonly string[] | undefined> {
  const gone = await queries.run('DELETE FROM manifests WHERE repository = ? AND digest = ?', repository, digest);
  if (gone === 0) return undefined;
  await countAttachment(queries, repository);
  await queries.run('DELETE FROM manifest_links WHERE repository = ? AND manifest = ?', repository, digest);
  const sql = 'SELECT name FROM tags WHERE repository = ? AND digest = ? ORDER BY name';
  const tags = await queries.all<{ name: string }>(sql, repository, digest);
  await queries.run('DELETE FROM tags WHERE repository = ? AND digest = ?', repository, digest);
  return tags.map(({ name }) => name);
}

/**
 * Manifests of a repository that name a digest, as a blob of theirs or as an image of an index, at most so many: the newest, and before
 * all that are attached to something those that are not, since whoever may attach must not hide what an image says.
 */
export async function manifestsNaming(
  queries: SqlQueries,
  repository: string,
  target: Digest,
  kind: ManifestLink['kind'],
  limit: number,
): Promise<readonly Digest[]> {
  const rows = await queries.all<{ digest: Digest }>(
    `SELECT m.digest AS digest FROM repositories r JOIN manifest_links l ON l.repository = r.id
      JOIN manifests m ON m.repository = r.id AND m.digest = l.manifest
      WHERE r.name = ? AND l.target = ? AND l.kind = ?
      ORDER BY CASE WHEN m.subject IS NULL THEN 0 ELSE 1 END, m.pushed_at DESC, m.digest LIMIT ?`,
    repository,
    target,
    kind,
    limit,
  );
  return rows.map(({ digest }) => digest);
}

/** When a digest came first of all that is still there, in milliseconds since 1970; undefined when it is nowhere. */
export async function firstPushed(queries: SqlQueries, digest: Digest): Promise<number | undefined> {
  const sql = 'SELECT MIN(pushed_at) AS first FROM manifests WHERE digest = ?';
  return (await queries.get<{ first: number | null }>(sql, digest))?.first ?? undefined;
}
