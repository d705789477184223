import { mapBounded } from '../../base/concurrency.ts';
import type { Problem } from '../../base/problem.ts';
import { fetchManifest } from '../../oci/client/fetch-manifest.ts';
import { listReferrers } from '../../oci/client/list-referrers.ts';
import { type RemoteRepository, repositoryName } from '../../oci/client/remote-repository.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import type { Digest } from '../../oci/digest.ts';
import { OciError } from '../../oci/error.ts';
import { limits } from '../../oci/limits.ts';
import { type ImageIndex, type ImageManifest, parseManifest } from '../../oci/manifest.ts';
import { artifactTypeOf } from '../../oci/referrer.ts';
import { verifyContent } from '../../oci/verify-content.ts';
import { SigningError } from '../error.ts';
import { signingLimits } from '../limits.ts';
import { isOwnFault, lookUp } from './look-up.ts';

/** A manifest that is attached to another. */
export interface AttachedManifest {
  /** Of the manifest as it was read; what a list said of it is not repeated here. */
  readonly descriptor: Descriptor;
  readonly bytes: Buffer;
  readonly manifest: ImageManifest | ImageIndex;
  /** Its own type or, where it has none, that of its config. */
  readonly artifactType?: string;
}

/** What is attached to a manifest, and what was listed but could not be used. */
export interface AttachedManifests {
  readonly manifests: readonly AttachedManifest[];
  readonly problems: readonly Problem[];
}

/** How to look for what is attached. */
export interface LookOptions {
  /** See `ListReferrersOptions`. */
  readonly fallbackToo?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** Bytes of the manifests of all referrers together; real ones have about a thousand each. */
const maxManifestBytes = 67_108_864;

/** Manifests and layers fetched at a time. */
export const fetchWidth = 8;

/**
 * Reads the manifests of all referrers of a digest. A manifest whose `subject` is another digest is attached to
 * something else, whatever the list says: it is passed over and counted as a problem, as is one that is damaged or gone.
 *
 * @throws SigningError SIGNATURES_UNAVAILABLE when it could not be looked up, LIMIT_EXCEEDED above 1,000 referrers
 */
export async function readReferrers(
  remote: RemoteRepository,
  digest: Digest,
  options: LookOptions = {},
): Promise<AttachedManifests> {
  return await lookUp(whatIsAttached(remote, digest), async () => {
    const { descriptors } = await listReferrers(remote.client, remote.repository, digest, options);
    return await readListed(remote, descriptors, digest, options.signal);
  });
}

/**
 * Reads the manifests of referrers that were listed already, as {@link readReferrers} does.
 *
 * @throws SigningError SIGNATURES_UNAVAILABLE, LIMIT_EXCEEDED
 */
export async function readListed(
  remote: RemoteRepository,
  descriptors: readonly Descriptor[],
  digest: Digest,
  signal: AbortSignal | undefined,
): Promise<AttachedManifests> {
  const what = whatIsAttached(remote, digest);
  checkCount(what, descriptors.length);
  const total = descriptors.reduce((sum, { size }) => sum + Math.min(size, limits.manifestBytes), 0);
  if (total > maxManifestBytes) {
    throw new SigningError('LIMIT_EXCEEDED', `${what} has manifests of ${total} bytes in all, more than are read`);
  }
  return await lookUp(what, async () => {
    const found = await mapBounded(descriptors, fetchWidth, async (descriptor): Promise<AttachedManifest | Problem> => {
      try {
        return await readReferrer(remote, descriptor, digest, signal);
      } catch (error) {
        if (!isOwnFault(error)) throw error;
        return { code: `REFERRER_${error.code}`, subject: descriptor.digest, message: error.message };
      }
    });
    return {
      manifests: found.filter((one): one is AttachedManifest => !isProblem(one)),
      problems: found.filter(isProblem),
    };
  });
}

/** @throws SigningError LIMIT_EXCEEDED for more referrers than are read of one digest */
export function checkCount(what: string, count: number): void {
  if (count <= signingLimits.attachments) return;
  const sentence = `${what} is more than is read: ${count} referrers, where ${signingLimits.attachments} are allowed`;
  throw new SigningError('LIMIT_EXCEEDED', sentence);
}

/** What is looked for, as sentences have it. */
export function whatIsAttached(remote: RemoteRepository, digest: Digest): string {
  return `What is attached to ${repositoryName(remote)}@${digest}`;
}

/** Tells a finding from what could not be read. */
export function isProblem(found: object): found is Problem {
  return 'code' in found;
}

/**
 * Reads one manifest that is listed as attached to a digest.
 *
 * @throws OciError MANIFEST_INVALID when it is attached to something else, and what `fetchManifest` throws
 */
export async function readReferrer(
  { client, repository }: RemoteRepository,
  listed: Descriptor,
  digest: Digest,
  signal: AbortSignal | undefined,
): Promise<AttachedManifest> {
  if (listed.size > limits.manifestBytes) {
    throw new OciError('LIMIT_EXCEEDED', `${listed.digest} has ${listed.size} bytes, more than any manifest may have`);
  }
  const { bytes, descriptor } = await fetchManifest(client, repository, listed.digest, signal);
  verifyContent(bytes, listed);
  const manifest = parseManifest(bytes, descriptor.mediaType);
  if (manifest.subject?.digest !== digest) {
    const about = manifest.subject === undefined ? 'nothing' : manifest.subject.digest;
    throw new OciError(
      'MANIFEST_INVALID',
      `${listed.digest} is attached to ${about}, though it is listed for ${digest}`,
    );
  }
  const artifactType = artifactTypeOf(manifest);
  return {
    descriptor: { mediaType: manifest.mediaType, digest: listed.digest, size: bytes.length },
    bytes,
    manifest,
    ...(artifactType === undefined ? {} : { artifactType }),
  };
}
