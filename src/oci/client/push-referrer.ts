import type { Descriptor } from '../descriptor.ts';
import type { Digest } from '../digest.ts';
import { OciError } from '../error.ts';
import { limits } from '../limits.ts';
import { parseManifest } from '../manifest.ts';
import { indexMediaTypes } from '../media-type.ts';
import { addReferrer, fallbackTag, parseReferrers, referrerDescriptor, removeReferrers } from '../referrer.ts';
import { changeManifest } from './change-manifest.ts';
import { deleteManifest } from './delete-manifest.ts';
import type { FetchedManifest } from './fetch-manifest.ts';
import { hasReferrersApi, isItself } from './list-referrers.ts';
import { type PushedManifest, putManifest } from './push.ts';
import type { RegistryClient } from './registry-client.ts';

/** Where a pushed referrer is listed. */
export interface PushedReferrer {
  readonly descriptor: Descriptor;
  readonly listedBy: 'api' | 'fallback-tag';
}

/**
 * Pushes a manifest that names a subject, and sees to it that it is found: where the registry does not list it itself,
 * it is added to the index at the fallback tag (distribution-spec, "Pushing Manifests with Subject"), beside all that
 * others put there. Its blobs must be there already.
 *
 * @throws OciError MANIFEST_INVALID without a subject, LIMIT_EXCEEDED for a full index, CONFLICT, and the codes of
 * other answers
 */
export async function pushReferrer(
  client: RegistryClient,
  repository: string,
  manifest: PushedManifest,
  signal?: AbortSignal,
): Promise<PushedReferrer> {
  const { subject } = parseManifest(manifest.bytes, manifest.mediaType);
  if (subject === undefined) {
    throw new OciError('MANIFEST_INVALID', 'The manifest names no subject that it could be attached to');
  }
  const descriptor = referrerDescriptor(manifest.mediaType, manifest.bytes);
  const stored = await putManifest(client, repository, descriptor.digest, manifest, {}, signal);
  const accepted = stored !== false && stored.subject === subject.digest;
  if (accepted && (await hasReferrersApi(client, repository, subject.digest, signal))) {
    return { descriptor, listedBy: 'api' };
  }
  await addToFallbackIndex(client, repository, subject.digest, descriptor, signal);
  return { descriptor, listedBy: 'fallback-tag' };
}

/**
 * Takes referrers off the index at the fallback tag, which goes with its last entry; does nothing where there is no
 * such index.
 *
 * @throws OciError as {@link pushReferrer} does
 */
export async function removeFromFallbackIndex(
  client: RegistryClient,
  repository: string,
  subject: Digest,
  digests: ReadonlySet<string>,
  signal?: AbortSignal,
): Promise<void> {
  const tag = fallbackTag(subject);
  let empty: string | undefined;
  await changeManifest(
    client,
    repository,
    tag,
    {
      apply: (current) => {
        const index = listOf(current, subject);
        empty = undefined;
        if (index === undefined || !lists(index, digests)) return undefined;
        const bytes = removeReferrers(index.bytes, digests);
        if (parseReferrers(bytes, index.descriptor.mediaType).length === 0) {
          empty = index.descriptor.digest;
          return undefined;
        }
        return { mediaType: index.descriptor.mediaType, bytes };
      },
      holds: (current) => {
        const index = listOf(current, subject);
        return index === undefined || !lists(index, digests);
      },
    },
    signal,
  );
  if (empty !== undefined) await deleteManifest(client, repository, empty, signal);
}

async function addToFallbackIndex(
  client: RegistryClient,
  repository: string,
  subject: Digest,
  referrer: Descriptor,
  signal: AbortSignal | undefined,
): Promise<void> {
  const isListed = (current: FetchedManifest | undefined): boolean => {
    const index = listOf(current, subject);
    if (index === undefined) return false;
    return parseReferrers(index.bytes, index.descriptor.mediaType).some((entry) => sameEntry(entry, referrer));
  };
  await changeManifest(
    client,
    repository,
    fallbackTag(subject),
    {
      apply: (current) => {
        if (isListed(current)) return undefined;
        const bytes = addReferrer(listOf(current, subject)?.bytes, referrer);
        if (bytes.length > limits.manifestBytes) {
          throw new OciError('LIMIT_EXCEEDED', `The list of what is attached to ${subject} is full; remove some of it`);
        }
        return { mediaType: indexMediaTypes[0] as string, bytes };
      },
      holds: isListed,
    },
    signal,
  );
}

/** The index among what a fallback tag may name. @throws OciError MANIFEST_INVALID for other manifests */
function listOf(current: FetchedManifest | undefined, subject: Digest): FetchedManifest | undefined {
  if (current === undefined || isItself(current.descriptor, subject)) return undefined;
  parseReferrers(current.bytes, current.descriptor.mediaType);
  return current;
}

function lists(index: FetchedManifest, digests: ReadonlySet<string>): boolean {
  return parseReferrers(index.bytes, index.descriptor.mediaType).some(({ digest }) => digests.has(digest));
}

function sameEntry(entry: Descriptor, referrer: Descriptor): boolean {
  return (
    entry.digest === referrer.digest &&
    entry.artifactType === referrer.artifactType &&
    JSON.stringify(entry.annotations ?? {}) === JSON.stringify(referrer.annotations ?? {})
  );
}
