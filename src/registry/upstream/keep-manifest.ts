import type { FetchedManifest } from '../../oci/client/fetch-manifest.ts';
import type { Digest } from '../../oci/digest.ts';
import { bareMediaType, imageManifestMediaTypes, indexMediaTypes, schema1MediaTypes } from '../../oci/media-type.ts';
import { storeContent } from '../../store/metadata/blobs.ts';
import { findManifest, insertManifest, type ManifestRecord } from '../../store/metadata/manifests.ts';
import { ensureRepository } from '../../store/metadata/repositories.ts';
import { findTag, setTag } from '../../store/metadata/tags.ts';
import { markChecked } from '../../store/metadata/upstream-tags.ts';
import type { SqlQueries } from '../../store/sql/database.ts';
import { claimsAttachment } from '../content/claims-attachment.ts';
import { parsePushed, type PushedManifest } from '../content/parse-pushed.ts';
import { keepAndLink, storeAndLink } from '../content/store-blob.ts';
import { RegistryError } from '../error.ts';
import { limits } from '../limits.ts';
import type { UpstreamParts } from './surroundings.ts';

/**
 * Keeps a manifest as its upstream sent it, and lets a tag name it, in one transaction. Its bytes were compared with its digest before.
 * What it names need not be there: that is fetched when somebody asks for it.
 *
 * @returns what the tag names now: another manifest than this where a rule of the registry holds the tag
 * @throws RegistryError MANIFEST_INVALID for what is no manifest
 */
export async function keepFetched(
  parts: UpstreamParts,
  repository: string,
  tag: string | undefined,
  { descriptor, bytes }: FetchedManifest,
): Promise<ManifestRecord> {
  const { content, journal, attached } = parts;
  const { digest } = descriptor;
  const manifest = parseFetched(bytes, descriptor.mediaType);
  const size = bytes.length;
  const record: ManifestRecord = {
    digest,
    mediaType: manifest.mediaType,
    size,
    pushedAt: content.now(),
    pulledAt: null,
  };
  let kept = record;
  const link = async (queries: SqlQueries): Promise<void> => {
    const id = await ensureRepository(queries, repository, content.now());
    const isNew = (await findManifest(queries, repository, digest)) === undefined;
    if (isNew) {
      await insertManifest(queries, id, { ...manifest, digest, size }, content.now());
      if (claimsAttachment(bytes, manifest.mediaType)) await attached(queries, { repository, digest });
    }
    kept = tag === undefined ? record : await pointTag(parts, queries, { repository, id, tag }, record);
    if (!isNew || tag !== undefined) return;
    await journal(queries, { action: 'push', repository, digest, mediaType: manifest.mediaType, size });
  };
  if (size <= limits.inlineBytes) {
    await keepAndLink(content, { keep: (queries) => storeContent(queries, digest, bytes, content.now()), link });
  } else {
    await storeAndLink(content, { digest, size, store: (options) => content.blobs.put(digest, bytes, options), link });
  }
  content.manifests.set(digest, bytes);
  return kept;
}

/** A tag of a repository, by its number too. */
interface TagPlace {
  readonly repository: string;
  readonly id: number;
  readonly tag: string;
}

/** Lets a tag name a manifest that is there, and writes down that the upstream said so. */
async function pointTag(
  { content, journal, logger, observe }: UpstreamParts,
  queries: SqlQueries,
  { repository, id, tag }: TagPlace,
  record: ManifestRecord,
): Promise<ManifestRecord> {
  const now = content.now();
  const { digest, mediaType, size } = record;
  const current = await findTag(queries, id, tag);
  await markChecked(queries, id, tag, now);
  if (current?.digest === digest) return record;
  const refusal = content.guard.refusal({ repository, tag, current, next: digest, now });
  if (refusal !== undefined && current !== undefined) {
    const held = await findManifest(queries, repository, current.digest);
    if (held !== undefined) {
      logger.warn('A tag that its upstream moved stays, by a rule', { repository, tag, to: digest });
      observe({ kind: 'held', repository, reference: tag, reason: refusal.message });
      return held;
    }
  }
  await setTag(queries, id, tag, digest, now);
  const moved = current === undefined ? {} : { previous: current.digest };
  await journal(queries, { action: 'push', repository, tag, digest, mediaType, size, ...moved });
  return record;
}

/** The digest that a tag is to name, where its manifest is here already. */
export async function pointTagAt(
  parts: UpstreamParts,
  repository: string,
  tag: string,
  digest: Digest,
): Promise<ManifestRecord | undefined> {
  const { content } = parts;
  return content.database.transaction(async (queries) => {
    const record = await findManifest(queries, repository, digest);
    if (record === undefined) return undefined;
    const id = await ensureRepository(queries, repository, content.now());
    return pointTag(parts, queries, { repository, id, tag }, record);
  });
}

/** By what it was sent as; by itself where that says nothing, as some registries send `text/plain`. */
function parseFetched(bytes: Uint8Array, sent: string): PushedManifest {
  const type = bareMediaType(sent);
  const isKnown = imageManifestMediaTypes.includes(type) || indexMediaTypes.includes(type);
  if (schema1MediaTypes.includes(type)) {
    const sentence = "It is in Docker's schema 1, which was retired in 2019; push the image again with a current tool";
    throw new RegistryError('MANIFEST_INVALID', sentence);
  }
  return parsePushed(bytes, isKnown ? type : undefined);
}
