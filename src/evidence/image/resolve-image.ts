import { fetchManifest } from '../../oci/client/fetch-manifest.ts';
import { RegistryContent } from '../../oci/client/registry-content.ts';
import type { RemoteRepository } from '../../oci/client/remote-repository.ts';
import type { ImageConfig } from '../../oci/config.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import { OciError } from '../../oci/error.ts';
import { limits } from '../../oci/limits.ts';
import { type ImageIndex, type ImageManifest, parseManifest } from '../../oci/manifest.ts';
import { bareMediaType, imageManifestMediaTypes, indexMediaTypes } from '../../oci/media-type.ts';
import { parseImageConfig } from '../../oci/parse-config.ts';
import type { Platform } from '../../oci/platform.ts';
import type { Reference } from '../../oci/reference.ts';
import { isAttestation, type PlatformReader, selectPlatform } from '../../oci/select-platform.ts';
import { once } from '../once.ts';
import { evidenceLimits } from '../limits.ts';

/** What a reference stands for. Everything in it follows by digests from what the registry said once. */
export interface ResolvedImage {
  /** The manifest or index that the reference names: this digest is what is verified, pinned and remembered. */
  readonly root: Descriptor;
  /** The index, where it is one. */
  readonly index?: ImageIndex;
  /** The images that are meant: the root itself, or some of the index, each once. */
  readonly images: readonly ResolvedVariant[];
}

/** One image, of which no more is fetched than somebody asks for, and that once. */
export interface ResolvedVariant {
  readonly descriptor: Descriptor;
  /** As the index says; its config says it of an image that stands alone. */
  readonly platform?: Platform;
  /** @throws OciError */
  readonly manifest: () => Promise<ImageManifest>;
  /** @throws OciError */
  readonly config: () => Promise<ImageConfig>;
}

/**
 * Resolves a reference, once: the registry is asked for a tag in one request, and for all else by digest, so that one that gives another
 * answer each time cannot have one image verified and another one run (CVE-2022-47633, CVE-2023-47630).
 *
 * @param reference its digest decides over its tag; `latest` where it has neither
 * @param platforms those that are meant of an index, which need not have all of them; all of its images where none is named
 * @throws OciError IMAGE_NOT_FOUND, DIGEST_MISMATCH, MANIFEST_INVALID, LIMIT_EXCEEDED, PLATFORM_UNAVAILABLE for an index with none of
 * them, and the codes of other answers; the signal's reason
 */
export async function resolveImage(
  remote: RemoteRepository,
  { tag, digest }: Pick<Reference, 'tag' | 'digest'>,
  platforms: readonly Platform[],
  signal: AbortSignal,
): Promise<ResolvedImage> {
  const fetched = await fetchManifest(remote.client, remote.repository, digest ?? tag ?? 'latest', signal);
  const document = parseManifest(fetched.bytes, fetched.descriptor.mediaType);
  const root: Descriptor = { ...fetched.descriptor, mediaType: document.mediaType };
  const content = new RegistryContent(remote, fetched);
  if (document.kind === 'manifest') return { root, images: [variantOf(content, root, signal)] };
  const reader = readerOf(content, signal);
  const chosen =
    platforms.length === 0 ? await allImages(document, reader, 1) : await chooseImages(document, platforms, reader);
  const distinct = [...new Map(chosen.map((one) => [one.digest, one])).values()];
  return { root, index: document, images: distinct.map((one) => variantOf(content, one, signal)) };
}

function variantOf(content: RegistryContent, descriptor: Descriptor, signal: AbortSignal): ResolvedVariant {
  const manifest = once(() => readManifest(content, descriptor, signal));
  const config = once(async () => readConfig(content, (await manifest()).config, signal));
  const { platform } = descriptor;
  return { descriptor, ...(platform === undefined ? {} : { platform }), manifest, config };
}

async function chooseImages(
  index: ImageIndex,
  platforms: readonly Platform[],
  reader: PlatformReader,
): Promise<readonly Descriptor[]> {
  const found: Descriptor[] = [];
  let missing: unknown;
  for (const platform of platforms) {
    try {
      found.push(await selectPlatform(index, { platform, defaultPlatform: platform }, reader));
    } catch (error) {
      if (!(error instanceof OciError) || error.code !== 'PLATFORM_UNAVAILABLE') throw error;
      missing ??= error;
    }
  }
  if (found.length === 0) throw missing;
  return found;
}

async function allImages(index: ImageIndex, reader: PlatformReader, depth: number): Promise<readonly Descriptor[]> {
  const found: Descriptor[] = [];
  for (const descriptor of index.manifests) {
    const mediaType = bareMediaType(descriptor.mediaType);
    if (isAttestation(descriptor)) continue;
    if (imageManifestMediaTypes.includes(mediaType)) found.push(descriptor);
    if (indexMediaTypes.includes(mediaType)) {
      if (depth >= limits.indexDepth) throw tooMany('indexes within indexes');
      found.push(...(await allImages(await reader.readIndex(descriptor), reader, depth + 1)));
    }
    if (found.length > evidenceLimits.images) throw tooMany(`more than ${evidenceLimits.images} images`);
  }
  return found;
}

function readerOf(content: RegistryContent, signal: AbortSignal): PlatformReader {
  let reads = 0;
  return {
    async readIndex(descriptor) {
      reads += 1;
      if (reads > limits.indexReads) throw tooMany(`more than ${limits.indexReads} indexes`);
      const bytes = await content.readContent(descriptor, limits.manifestBytes, signal);
      const document = parseManifest(bytes, descriptor.mediaType);
      if (document.kind === 'index') return document;
      throw new OciError('MANIFEST_INVALID', 'The index names a manifest where it promises an index; push it again');
    },
    async readPlatform(descriptor) {
      const { config } = await readManifest(content, descriptor, signal);
      return (await readConfig(content, config, signal)).platform;
    },
    hasBlob: () => true,
  };
}

async function readManifest(
  content: RegistryContent,
  descriptor: Descriptor,
  signal: AbortSignal,
): Promise<ImageManifest> {
  const bytes = await content.readContent(descriptor, limits.manifestBytes, signal);
  const document = parseManifest(bytes, descriptor.mediaType);
  if (document.kind === 'manifest') return document;
  throw new OciError('MANIFEST_INVALID', 'The index names an index where it promises a manifest; push it again');
}

async function readConfig(content: RegistryContent, config: Descriptor, signal: AbortSignal): Promise<ImageConfig> {
  return parseImageConfig(await content.readContent(config, limits.configBytes, signal));
}

function tooMany(what: string): OciError {
  return new OciError('LIMIT_EXCEEDED', `The index holds ${what}; name the image by the digest of its own manifest`);
}
