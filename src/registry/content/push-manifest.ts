import { createHash } from 'node:crypto';
import { type Digest, digestAlgorithm } from '../../oci/digest.ts';
import { limits as ociLimits } from '../../oci/limits.ts';
import type { KeepOptions } from '../../store/blob/blob-store.ts';
import { blobsThere, storeContent } from '../../store/metadata/blobs.ts';
import { findManifest, insertManifest, manifestsThere } from '../../store/metadata/manifests.ts';
import { ensureRepository } from '../../store/metadata/repositories.ts';
import { findTag, setTag, tagsAround } from '../../store/metadata/tags.ts';
import type { SqlQueries } from '../../store/sql/database.ts';
import { RegistryError } from '../error.ts';
import { limits } from '../limits.ts';
import type { Content, Journal } from './content.ts';
import { parsePushed, type PushedManifest } from './parse-pushed.ts';
import { keepAndLink, storeAndLink } from './store-blob.ts';

/** A manifest as a client sends it. */
export interface ManifestPush {
  readonly repository: string;
  /** The digest that it was announced with, when it was. */
  readonly digest: Digest | undefined;
  readonly tags: readonly string[];
  readonly contentType: string | undefined;
  readonly bytes: Uint8Array;
  /** When it was pushed, in milliseconds since 1970, where that was not now but elsewhere before. */
  readonly pushedAt?: number | undefined;
}

/** What came of it. */
export interface PushedResult extends PushedManifest {
  readonly digest: Digest;
}

/** A push that was read, and is not kept yet. */
export interface PreparedPush extends ManifestPush {
  readonly manifest: PushedResult;
}

/**
 * Reads what is pushed, without a look at what is there.
 *
 * @throws RegistryError MANIFEST_INVALID, DIGEST_INVALID
 */
export function preparePush(push: ManifestPush): PreparedPush {
  const digest = digestOfPush(push);
  return { ...push, manifest: { ...parsePushed(push.bytes, push.contentType), digest } };
}

/**
 * Keeps a manifest and lets tags name it, in one transaction: what it names must be there, each tag must be free to move, and
 * either all of it is done or nothing.
 *
 * @throws RegistryError MANIFEST_BLOB_UNKNOWN, DENIED for tags that may not move
 */
export async function keepManifest(content: Content, push: PreparedPush, journal: Journal): Promise<PushedResult> {
  const { bytes, manifest } = push;
  const { digest } = manifest;
  const link = (queries: SqlQueries): Promise<void> => keep(content, queries, push, manifest, journal, content.now());
  if (bytes.length <= limits.inlineBytes) {
    await keepAndLink(content, { keep: (queries) => storeContent(queries, digest, bytes, content.now()), link });
  } else {
    const store = (options: KeepOptions): Promise<void> => content.blobs.put(digest, bytes, options);
    await storeAndLink(content, { digest, size: bytes.length, store, link });
  }
  content.manifests.set(digest, bytes);
  return manifest;
}

/** Both in one, for what comes from no client. @throws as {@link preparePush} and {@link keepManifest} */
export function pushManifest(content: Content, push: ManifestPush, journal: Journal): Promise<PushedResult> {
  return keepManifest(content, preparePush(push), journal);
}

function digestOfPush({ bytes, digest }: ManifestPush): Digest {
  const algorithm = digest === undefined ? 'sha256' : digestAlgorithm(digest);
  const computed = `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}` as Digest;
  if (digest === undefined || digest === computed) return computed;
  throw new RegistryError('DIGEST_INVALID', `The manifest that came has the digest ${computed}; send it again`);
}

async function keep(
  content: Content,
  queries: SqlQueries,
  { repository: name, tags, bytes, pushedAt }: ManifestPush,
  manifest: PushedResult,
  journal: Journal,
  now: number,
): Promise<void> {
  const repository = await ensureRepository(queries, name, now);
  await checkLinks(content, queries, repository, manifest);
  const { digest, mediaType } = manifest;
  await checkType(content, queries, name, repository, manifest, now);
  await content.limit(queries, {
    name,
    repository,
    blobs: [{ digest, size: bytes.length }],
    newTags: await countNew(queries, repository, tags),
  });
  const time = pushedAt ?? now;
  await insertManifest(queries, repository, { ...manifest, size: bytes.length }, time);
  const about = { repository: name, digest, mediaType, size: bytes.length } as const;
  if (tags.length === 0) await journal(queries, { action: 'push', ...about });
  for (const tag of tags) {
    const current = await findTag(queries, repository, tag);
    const write = { repository: name, tag, current, next: digest, now };
    const refusal = content.guard.refusal(write);
    if (refusal !== undefined) throw refusal;
    if (!content.guard.isHeld(write)) await setTag(queries, repository, tag, digest, time);
    const moved = current !== undefined && current.digest !== digest ? { previous: current.digest } : {};
    await journal(queries, { action: 'push', ...about, tag, ...moved });
  }
}

/**
 * A document without a `mediaType` of its own is what its Content-Type said when it was pushed. Who pushes it again as something else
 * changes what tags give that name it, without moving them.
 */
async function checkType(
  { guard }: Content,
  queries: SqlQueries,
  name: string,
  repository: number,
  { digest, mediaType }: PushedResult,
  now: number,
): Promise<void> {
  const there = await findManifest(queries, name, digest);
  if (there === undefined || there.mediaType === mediaType) return;
  for (const tag of await tagsAround(queries, repository, digest, ociLimits.indexDepth)) {
    const current = await findTag(queries, repository, tag);
    if (!guard.isHeld({ repository: name, tag, current, next: digest, now })) continue;
    throw new RegistryError('DENIED', `The tag ${tag} may not move, and gives this manifest as ${there.mediaType}`, {
      status: 409,
      detail: { tag },
    });
  }
}

async function countNew(queries: SqlQueries, repository: number, tags: readonly string[]): Promise<number> {
  let count = 0;
  for (const tag of tags) if ((await findTag(queries, repository, tag)) === undefined) count += 1;
  return count;
}

/** In the transaction, since garbage collection may have taken what was there when the client asked. */
async function checkLinks(
  { sparse }: Content,
  queries: SqlQueries,
  repository: number,
  { kind, links, elsewhere }: PushedResult,
): Promise<void> {
  if (sparse === 'all' || (sparse === 'indexes' && kind === 'index')) return;
  for (const [what, find] of [
    ['blob', blobsThere],
    ['manifest', manifestsThere],
  ] as const) {
    const targets = links.filter((link) => link.kind === what).map(({ target }) => target);
    const there = await find(queries, repository, targets);
    const missing = targets.filter((target) => !there.has(target) && !elsewhere.has(target));
    if (missing.length === 0) continue;
    throw new RegistryError(
      'MANIFEST_BLOB_UNKNOWN',
      `The manifest names ${what}s that are not in this repository; push ${missing.slice(0, 3).join(', ')} first`,
      { detail: { digests: missing.slice(0, 100) } },
    );
  }
}
