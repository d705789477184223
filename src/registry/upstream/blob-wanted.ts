import type { Digest } from '../../oci/digest.ts';
import { parseManifest } from '../../oci/manifest.ts';
import { findManifest } from '../../store/metadata/manifests.ts';
import { manifestsNaming } from '../../store/metadata/manifests.ts';
import type { Content } from '../content/content.ts';
import { manifestBytes } from '../content/read-manifest.ts';
import { upstreamLimits } from './limits.ts';
import type { Upstream } from './upstream.ts';

/** A blob that is to be fetched. */
export interface BlobWanted {
  readonly upstream: Upstream;
  readonly repository: string;
  readonly digest: Digest;
  /** As a manifest of the repository says. */
  readonly size: number;
}

/** What tells it from others that are wanted. */
export function blobKey({ repository, digest }: Pick<BlobWanted, 'repository' | 'digest'>): string {
  return `${repository}@${digest}`;
}

/**
 * The size of a blob that a kept manifest of its repository names; undefined for what none names, which is never asked for: else anybody
 * could make the registry fetch whatever they like. Addresses that a descriptor gives (`urls`) are not looked at.
 */
export async function namedSize(content: Content, repository: string, digest: Digest): Promise<number | undefined> {
  const naming = await manifestsNaming(content.database, repository, digest, 'blob', upstreamLimits.sizeSources);
  for (const name of naming) {
    const record = await findManifest(content.database, repository, name);
    if (record === undefined) continue;
    const manifest = parseManifest(await manifestBytes(content, repository, name), record.mediaType);
    if (manifest.kind === 'index') continue;
    const found = [manifest.config, ...manifest.layers].find((descriptor) => descriptor.digest === digest);
    if (found !== undefined) return found.size;
  }
  return undefined;
}
