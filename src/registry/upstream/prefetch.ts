import { mapBounded } from '../../base/concurrency.ts';
import { errorMessage } from '../../base/error.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import type { Digest } from '../../oci/digest.ts';
import { type ImageIndex, type ImageManifest, parseManifest } from '../../oci/manifest.ts';
import { foreignLayers } from '../../oci/foreign-layers.ts';
import { parsePlatform, platformDistance } from '../../oci/platform.ts';
import { isTag } from '../../oci/reference.ts';
import { isWordOfNone } from '../../oci/word-of-none.ts';
import { linkEverywhere } from '../../store/metadata/manifests.ts';
import type { PrefetchConfig } from '../config/upstreams/model.ts';
import type { Content } from '../content/content.ts';
import { manifestBytes, type ManifestName } from '../content/read-manifest.ts';
import type { Origin } from '../pipeline/origin.ts';
import { compilePatterns, matchesAny } from '../../base/name-pattern.ts';
import { upstreamLimits } from './limits.ts';
import type { UpstreamParts } from './surroundings.ts';

/** What was fetched beforehand, and what could not be. */
export interface PrefetchReport {
  readonly images: number;
  readonly failed: number;
}

/**
 * Fetches images before anybody asks for them, by the same way that a client's request goes, so that nothing is fetched twice. What fails
 * is told of in the log, and tried again by the next run.
 */
export async function prefetch(
  parts: UpstreamParts,
  origin: Origin,
  images: readonly PrefetchConfig[],
  signal: AbortSignal,
): Promise<PrefetchReport> {
  const { content, logger } = parts;
  const report = { images: 0, failed: 0 };
  for (const { repository, tags, platforms } of images) {
    try {
      for (const tag of await matchingTags(origin, repository, tags, signal)) {
        signal.throwIfAborted();
        await fetchImage(content, origin, { repository, tag }, platforms, signal);
        report.images += 1;
      }
    } catch (error) {
      signal.throwIfAborted();
      report.failed += 1;
      logger.warn('An image could not be fetched beforehand', { repository, reason: errorMessage(error) });
    }
  }
  return report;
}

/** Names of tags as they are; the upstream is asked for its list where there are patterns. */
async function matchingTags(
  origin: Origin,
  repository: string,
  tags: readonly string[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  const patterns = tags.filter((tag) => !isTag(tag));
  const names = tags.filter(isTag);
  if (patterns.length === 0) return names;
  const compiled = compilePatterns(patterns);
  const all = { after: '', limit: upstreamLimits.listedTags };
  const { entries } = await origin.listTags(repository, all, () => signal);
  const found = entries.filter((tag) => matchesAny(compiled, tag)).slice(-upstreamLimits.prefetchedTags);
  return [...new Set([...names, ...found])];
}

async function fetchImage(
  content: Content,
  origin: Origin,
  name: ManifestName,
  platforms: readonly string[] | undefined,
  signal: AbortSignal,
): Promise<void> {
  const { record } = await origin.findManifest(name, () => signal);
  const { repository } = name;
  const manifest = parseManifest(await manifestBytes(content, repository, record.digest), record.mediaType);
  if (manifest.kind === 'index') {
    for (const { digest } of wantedOf(manifest, platforms)) {
      await fetchImage(content, origin, { repository, digest }, undefined, signal);
    }
    return;
  }
  const foreign = foreignLayers(manifest);
  if (foreign.size > 0) {
    // As a scan does: of an image that an older version kept, they would be taken for absent without anybody having been asked.
    await content.database.transaction((queries) => linkEverywhere(queries, record.digest, foreign));
  }
  await mapBounded(blobsOf(manifest), upstreamLimits.prefetchWidth, async (digest) => {
    try {
      await fetchBlob(origin, repository, digest, signal);
    } catch (error) {
      // Its publisher keeps it, and clients ask there for what the upstream has not.
      if (!foreign.has(digest) || !isWordOfNone(error)) throw error;
    }
  });
}

async function fetchBlob(origin: Origin, repository: string, digest: Digest, signal: AbortSignal): Promise<void> {
  const blob = await origin.findBlob(repository, digest, () => signal);
  if (blob.isStored) return;
  await using open = await blob.open();
  for await (const chunk of open.read(undefined, signal)) void chunk;
}

function wantedOf({ manifests }: ImageIndex, platforms: readonly string[] | undefined): readonly Descriptor[] {
  if (platforms === undefined) return manifests;
  const wanted = platforms.map(parsePlatform);
  return manifests.filter(
    ({ platform }) => platform !== undefined && wanted.some((one) => platformDistance(one, platform) === 0),
  );
}

function blobsOf({ config, layers }: ImageManifest): readonly Digest[] {
  return [...new Set([config, ...layers].map(({ digest }) => digest))];
}
