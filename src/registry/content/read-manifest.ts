import { createHash } from 'node:crypto';
import { type Digest, digestAlgorithm } from '../../oci/digest.ts';
import { blobContent } from '../../store/metadata/blobs.ts';
import { findManifest, findTagged, type ManifestRecord } from '../../store/metadata/manifests.ts';
import { StoreError } from '../../store/error.ts';
import { RegistryError } from '../error.ts';
import { limits } from '../limits.ts';
import type { Content } from './content.ts';

/** How a manifest is asked for. */
export type ManifestName =
  | { readonly repository: string; readonly tag: string }
  | { readonly repository: string; readonly digest: Digest };

/**
 * A manifest of a repository.
 *
 * @throws RegistryError MANIFEST_UNKNOWN
 */
export async function requireManifest({ database }: Content, name: ManifestName): Promise<ManifestRecord> {
  const record =
    'tag' in name
      ? await findTagged(database, name.repository, name.tag)
      : await findManifest(database, name.repository, name.digest);
  if (record !== undefined) return record;
  throw new RegistryError('MANIFEST_UNKNOWN', 'This repository has no such manifest', {
    detail: 'tag' in name ? { tag: name.tag } : { digest: name.digest },
  });
}

/**
 * Its bytes, exactly as they were pushed.
 *
 * @throws RegistryError MANIFEST_UNKNOWN when it was taken away since it was found
 */
export async function manifestBytes(content: Content, repository: string, digest: Digest): Promise<Uint8Array> {
  const cached = content.manifests.get(digest);
  if (cached !== undefined) return cached;
  const bytes = (await lookUp(content, digest)) ?? (await lookAgain(content, repository, digest));
  content.manifests.set(digest, bytes);
  return bytes;
}

async function lookUp(content: Content, digest: Digest): Promise<Uint8Array | undefined> {
  const kept = await blobContent(content.database, digest);
  if (kept !== undefined) return kept;
  const bytes = await readStored(content, digest);
  if (bytes === undefined || digestOfBytes(bytes, digestAlgorithm(digest)) === digest) return bytes;
  throw new StoreError('STORE_DAMAGED', `The bytes of the manifest ${digest} are others; scrub the registry`);
}

function digestOfBytes(bytes: Uint8Array, algorithm: string): string {
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`;
}

/** It may have been removed, and even pushed again, between the two looks. */
async function lookAgain(content: Content, repository: string, digest: Digest): Promise<Uint8Array> {
  await requireManifest(content, { repository, digest });
  const bytes = await lookUp(content, digest);
  if (bytes !== undefined) return bytes;
  throw new StoreError('STORE_DAMAGED', `The bytes of the manifest ${digest} are gone; scrub the registry`);
}

/** Those of a large manifest, which lie in the blob store; undefined when they are not there. */
export async function readStored({ blobs }: Pick<Content, 'blobs'>, digest: Digest): Promise<Uint8Array | undefined> {
  await using open = await blobs.open(digest);
  if (open === undefined) return undefined;
  if (open.size > limits.manifestBytes) {
    throw new StoreError('STORE_DAMAGED', `The bytes of the manifest ${digest} are too many; scrub the registry`);
  }
  const bytes = Buffer.alloc(open.size);
  let at = 0;
  for await (const chunk of open.read()) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
