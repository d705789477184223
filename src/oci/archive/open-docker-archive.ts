import { OciError } from '../error.ts';
import type { Image } from '../image.ts';
import type { OpenLocalOptions } from '../layout/open-layout.ts';
import { limits } from '../limits.ts';
import { checkPlatform } from '../open-image.ts';
import { parseImageConfig } from '../parse-config.ts';
import { familiarReference, parseReference } from '../reference.ts';
import { digestOf } from '../verify-content.ts';
import type { ArchiveFile } from './archive-file.ts';
import { pairDockerLayers } from './docker-layers.ts';
import { chooseDockerImage, parseDockerManifest } from './docker-manifest.ts';
import { archiveLimits } from './limits.ts';

/**
 * Opens an image of what `docker save` wrote, or skopeo, podman, kaniko, bazel in its format.
 *
 * @param dispose frees the archive; called when the image is closed, and not when this fails
 * @throws OciError ARCHIVE_INVALID, CONFIG_INVALID, DIGEST_MISMATCH, IMAGE_NOT_FOUND, IMAGE_AMBIGUOUS and others
 */
export async function openDockerArchive(
  archive: ArchiveFile,
  options: OpenLocalOptions,
  dispose: () => Promise<void>,
  signal?: AbortSignal,
): Promise<Image> {
  const list = archive.find('manifest.json');
  if (list === undefined)
    throw new OciError('ARCHIVE_INVALID', 'The archive has no manifest.json; save the image again');
  const images = parseDockerManifest(await archive.read(list, archiveLimits.listBytes, signal));
  const manifest = chooseDockerImage(images, options.selector);
  const entry = archive.find(manifest.config);
  if (entry === undefined) {
    throw new OciError('ARCHIVE_INVALID', 'The archive lacks the image config that it names; save the image again');
  }
  const rawConfig = await archive.read(entry, limits.configBytes, signal);
  const imageId = digestOf(rawConfig);
  // The config is named for its digest: `<hex>.json`, `sha256:<hex>` (kaniko) or `blobs/sha256/<hex>`.
  const named = /(?:^|[/:])([a-f0-9]{64})(?:\.json)?$/.exec(manifest.config)?.[1];
  if (named !== undefined && imageId !== `sha256:${named}`) {
    throw new OciError('DIGEST_MISMATCH', `The image config ${named} in the archive has another digest; save it again`);
  }
  const config = parseImageConfig(rawConfig);
  checkPlatform(config.platform, options.platform);
  const layers = await pairDockerLayers(archive, manifest, config.diffIds, signal);
  const diffIds = config.diffIds.length === 0 ? layers.map(({ diffId }) => diffId) : config.diffIds;
  return {
    name: options.name,
    imageId,
    platform: config.platform,
    config: { ...config, diffIds },
    layers,
    repoTags: manifest.repoTags.map(shortName),
    repoDigests: [],
    rawConfig,
    [Symbol.asyncDispose]: dispose,
  };
}

/** Podman writes full names where Docker writes short ones. */
function shortName(repoTag: string): string {
  try {
    return familiarReference(parseReference(repoTag));
  } catch {
    return repoTag;
  }
}
