import { blobContent, findBlob } from '../../../src/store/metadata/blobs.ts';
import { findManifest, findTagged } from '../../../src/store/metadata/manifests.ts';
import type { Content } from '../../../src/registry/content/content.ts';
import { ManifestCache } from '../../../src/registry/content/manifest-cache.ts';
import { manifestBytes } from '../../../src/registry/content/read-manifest.ts';
import type { Digest } from '../../../src/oci/digest.ts';
import { digestOf, listAll, readBlob } from '../../store/blob-data.ts';
import { type Clients, violation } from './clients.ts';

interface NamedRow {
  readonly repository: string;
  readonly digest: Digest;
}

/** At any moment between two transactions: nothing dangles, and nothing that is named is on its way out. */
export async function checkRecords({ database, blobs }: Content): Promise<void> {
  const dangling = await database.all(
    `SELECT k.repository, k.manifest, k.target FROM manifest_links k WHERE k.kind = 'blob' AND NOT EXISTS (
      SELECT 1 FROM repository_blobs l WHERE l.repository = k.repository AND l.digest = k.target) LIMIT 5`,
  );
  if (dangling.length > 0) violation('Manifests name blobs that their repository has not', dangling);
  const lost = await database.all(
    `SELECT l.digest FROM repository_blobs l LEFT JOIN blobs b ON b.digest = l.digest
      WHERE b.digest IS NULL OR b.deleting > 0 OR b.damaged > 0
      UNION ALL SELECT m.digest FROM manifests m LEFT JOIN blobs b ON b.digest = m.digest
      WHERE b.digest IS NULL OR b.deleting > 0 OR b.damaged > 0 LIMIT 5`,
  );
  if (lost.length > 0) violation('Blobs that are named have no record, or one on its way out', lost);
  const tags = await database.all(
    `SELECT t.name, t.digest FROM tags t WHERE NOT EXISTS (
      SELECT 1 FROM manifests m WHERE m.repository = t.repository AND m.digest = t.digest) LIMIT 5`,
  );
  if (tags.length > 0) violation('Tags name no manifest', tags);
  const stored = await database.all<{ digest: Digest; size: number }>(
    `SELECT digest, size FROM blobs b WHERE NOT EXISTS (SELECT 1 FROM blob_contents c WHERE c.digest = b.digest)
      AND (EXISTS (SELECT 1 FROM repository_blobs l WHERE l.digest = b.digest)
        OR EXISTS (SELECT 1 FROM manifests m WHERE m.digest = b.digest)) LIMIT 1000`,
  );
  for (const { digest, size } of stored) {
    if ((await blobs.stat(digest)) !== size) violation('A blob that is named has no bytes', digest);
  }
}

/** While nobody does anything: what clients were promised is there, with the right bytes. */
export async function checkPromises({ world, blobs, manifests, tags }: Clients): Promise<void> {
  const content = world.outside;
  const { database } = content;
  for (const [name, value] of blobs) {
    const { repository, digest } = parse(name);
    const found = await findBlob(database, repository, digest);
    if (value === 'absent' && found !== undefined) violation('A blob that was taken away is there', name);
    if (value !== 'absent' && value.until > world.clock.now && found === undefined)
      violation('A blob is lost', name, value);
  }
  for (const [name, value] of manifests) {
    const { repository, digest } = parse(name);
    const isThere = (await findManifest(database, repository, digest)) !== undefined;
    if (isThere !== (value === 'there')) violation('A manifest is not as its client left it', name, value);
  }
  for (const [name, value] of tags) {
    const { repository, digest: tag } = parse(name);
    const found = (await findTagged(database, repository, tag))?.digest ?? 'absent';
    if (found !== value) violation('A tag is not as its client left it', name, value, found);
  }
  await checkBytes(content);
}

/** All that a repository shows has the right bytes. */
async function checkBytes(content: Content): Promise<void> {
  const fresh = { ...content, manifests: new ManifestCache(0) };
  const sql = (table: string): string =>
    `SELECT r.name AS repository, x.digest AS digest FROM ${table} x JOIN repositories r ON r.id = x.repository LIMIT 1000`;
  for (const { repository, digest } of await content.database.all<NamedRow>(sql('manifests'))) {
    if (digestOf(await manifestBytes(fresh, repository, digest)) !== digest)
      violation('Wrong bytes', repository, digest);
  }
  for (const { digest } of await content.database.all<NamedRow>(sql('repository_blobs'))) {
    const bytes = (await blobContent(content.database, digest)) ?? (await readBlob(content.blobs, digest));
    if (bytes === undefined || digestOf(bytes) !== digest) violation('Wrong bytes', digest);
  }
}

/** After collections when nobody did anything for long: nothing is left that nothing names. */
export async function checkNoGarbage({ database, blobs }: Content): Promise<void> {
  const left = await database.all(
    `SELECT digest FROM blobs b WHERE NOT EXISTS (SELECT 1 FROM manifest_links k WHERE k.target = b.digest)
      AND NOT EXISTS (SELECT 1 FROM manifests m WHERE m.digest = b.digest) LIMIT 5`,
  );
  if (left.length > 0) violation('Garbage is left', left);
  const links = await database.all(
    `SELECT manifest, target FROM manifest_links k WHERE NOT EXISTS (
      SELECT 1 FROM manifests m WHERE m.repository = k.repository AND m.digest = k.manifest) LIMIT 5`,
  );
  if (links.length > 0) violation('Links of manifests are left', links);
  const contents = await database.all(
    'SELECT digest FROM blob_contents c WHERE NOT EXISTS (SELECT 1 FROM blobs b WHERE b.digest = c.digest) LIMIT 5',
  );
  if (contents.length > 0) violation('Bytes are left in the database', contents);
  const uploads = await database.all('SELECT id FROM uploads LIMIT 5');
  if (uploads.length > 0) violation('Uploads are left', uploads);
  const rows = await database.all<{ digest: string }>('SELECT digest FROM blobs WHERE stored = 1 LIMIT 10000');
  const known = new Set(rows.map(({ digest }) => digest));
  const stray = (await listAll(blobs.list())).filter(({ digest }) => !known.has(digest));
  if (stray.length > 0) violation('Bytes are left in the blob store', stray);
}

function parse(name: string): NamedRow {
  const at = name.indexOf(' ');
  return { repository: name.slice(0, at), digest: name.slice(at + 1) as Digest };
}
