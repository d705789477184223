import { createHash } from 'node:crypto';
import { type Digest, digestAlgorithm, digestHex } from '../../oci/digest.ts';
import { StoreError } from '../../store/error.ts';
import { blobContent, linkBlob } from '../../store/metadata/blobs.ts';
import { firstLink, nextLinks } from '../../store/metadata/garbage.ts';
import { insertLinks, manifestsThere } from '../../store/metadata/manifests.ts';
import {
  blobRow,
  isSameManifest,
  linkedBlobs,
  linksWithoutBlob,
  manifestLinks,
  type ManifestRow,
  manifestRows,
} from '../../store/metadata/scrub.ts';
import type { SqlQueries } from '../../store/sql/database.ts';
import { type PushedManifest, parsePushed } from '../content/parse-pushed.ts';
import { readStored } from '../content/read-manifest.ts';
import { RegistryError } from '../error.ts';
import { scrubLimits } from './limits.ts';
import { rest, type Scrubbing } from './scrubbing.ts';

/** Records among each other: what repositories have must be recorded, and what manifests name must be in their repository. */
export async function checkManifests(scrubbing: Scrubbing): Promise<void> {
  const { content, tally } = scrubbing;
  let after = firstLink;
  for (;;) {
    const rows = await manifestRows(content.database, after, scrubLimits.batch);
    const last = rows.at(-1);
    if (last === undefined) return;
    for (const row of rows) {
      scrubbing.signal?.throwIfAborted();
      await checkManifest(scrubbing, row);
      tally.lookedAtManifests += 1;
      scrubbing.task.advance(1);
    }
    after = last;
    await rest(scrubbing);
  }
}

/** Blobs of repositories of which nothing else is recorded. */
export async function checkLinks(scrubbing: Scrubbing): Promise<void> {
  const { content, tally } = scrubbing;
  let after = firstLink;
  for (;;) {
    const stretch = await nextLinks(content.database, after, scrubLimits.batch);
    if (stretch === undefined) return;
    for (const { repository, digest } of await linksWithoutBlob(content.database, stretch)) {
      tally.add({ kind: 'record-missing', digest, repository, repaired: false });
    }
    scrubbing.task.advance(stretch.rows);
    after = stretch.last;
    await rest(scrubbing);
  }
}

async function checkManifest(scrubbing: Scrubbing, row: ManifestRow): Promise<void> {
  const { content, tally } = scrubbing;
  const about = { digest: row.digest, repository: row.name };
  const blob = await blobRow(content.database, row.digest);
  if (blob === undefined) {
    if (await isStill(scrubbing, row)) tally.add({ kind: 'record-missing', ...about, repaired: false });
    return;
  }
  const bytes = blob.damagedAt > 0 ? undefined : await wholeBytes(scrubbing, row.digest);
  if (bytes === undefined) return;
  const parsed = parse(bytes, row.mediaType);
  if (parsed === undefined) {
    if (await isStill(scrubbing, row)) tally.add({ kind: 'manifest-unreadable', ...about, repaired: false });
    return;
  }
  await checkRecordedLinks(scrubbing, row, parsed);
  await checkTargets(scrubbing, row, parsed);
}

/** Damaged ones are judged with those of all blobs, and say nothing that could be relied on here. */
async function wholeBytes({ content }: Scrubbing, digest: Digest): Promise<Uint8Array | undefined> {
  try {
    const bytes = (await blobContent(content.database, digest)) ?? (await readStored(content, digest));
    if (bytes === undefined) return undefined;
    const hex = createHash(digestAlgorithm(digest)).update(bytes).digest('hex');
    return hex === digestHex(digest) ? bytes : undefined;
  } catch (error) {
    const isDamage = error instanceof StoreError && ['STORE_DAMAGED', 'CONTENT_MISMATCH'].includes(error.code);
    if (isDamage) return undefined;
    throw error;
  }
}

async function checkRecordedLinks(
  scrubbing: Scrubbing,
  row: ManifestRow,
  { links, elsewhere }: PushedManifest,
): Promise<void> {
  const { content, tally, repair, journal } = scrubbing;
  const recorded = await manifestLinks(content.database, row.repository, row.digest);
  const known = new Set(recorded.map(({ target }) => target));
  const unknown = links.filter(({ target }) => !known.has(target));
  // What may be elsewhere, and is, was not always recorded, and nothing depends on it but where an upstream may have it.
  const here = await linkedBlobs(content.database, row.repository, [...elsewhere]);
  const isAskable = scrubbing.isSparse(row.name);
  const missing = unknown.filter(({ target }) => isAskable || !elsewhere.has(target) || here.has(target));
  if (missing.length === 0 || !(await isStill(scrubbing, row))) return;
  const repaired = repair && (await content.database.transaction(insert));
  for (const { target } of missing) {
    tally.add({ kind: 'link-missing', digest: row.digest, repository: row.name, target, repaired });
  }

  async function insert(queries: SqlQueries): Promise<boolean> {
    if (!(await isSameManifest(queries, row))) return false;
    await insertLinks(queries, row.repository, row.digest, missing);
    await journal(queries, { kind: 'link-missing', digest: row.digest, repository: row.name });
    return true;
  }
}

/** By the rule that its push was held to. */
async function checkTargets(
  scrubbing: Scrubbing,
  row: ManifestRow,
  { kind, links, elsewhere }: PushedManifest,
): Promise<void> {
  const { content, tally, repair } = scrubbing;
  if (scrubbing.isSparse(row.name)) return;
  if (content.sparse === 'all' || (content.sparse === 'indexes' && kind === 'index')) return;
  for (const [what, find] of [
    ['blob', linkedBlobs],
    ['manifest', manifestsThere],
  ] as const) {
    const targets = links.filter((link) => link.kind === what).map(({ target }) => target);
    const there = await find(content.database, row.repository, targets);
    for (const target of targets) {
      if (there.has(target) || elsewhere.has(target) || !(await isStill(scrubbing, row))) continue;
      const repaired = repair && what === 'blob' && (await relink(scrubbing, row, target));
      tally.add({ kind: 'target-missing', digest: row.digest, repository: row.name, target, repaired });
    }
  }
}

/** The repository had it when the manifest was pushed; where its bytes are still here, it has it again. */
function relink({ content, journal }: Scrubbing, row: ManifestRow, target: Digest): Promise<boolean> {
  return content.database.transaction(async (queries) => {
    if (!(await isSameManifest(queries, row))) return false;
    if (!(await linkBlob(queries, row.repository, target, content.now()))) return false;
    await journal(queries, { kind: 'target-missing', digest: target, repository: row.name });
    return true;
  });
}

function isStill({ content }: Scrubbing, row: ManifestRow): Promise<boolean> {
  return isSameManifest(content.database, row);
}

function parse(bytes: Uint8Array, mediaType: string): PushedManifest | undefined {
  try {
    return parsePushed(bytes, mediaType);
  } catch (error) {
    if (error instanceof RegistryError) return undefined;
    throw error;
  }
}
