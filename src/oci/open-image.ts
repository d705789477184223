import { checkConfigType, unsupportedLayer } from './artifact.ts';
import type { ContentSource } from './content-source.ts';
import type { Descriptor } from './descriptor.ts';
import type { DiffId } from './digest.ts';
import { OciError } from './error.ts';
import type { Image, Layer } from './image.ts';
import { limits } from './limits.ts';
import { parseManifest } from './manifest.ts';
import type { ImageIndex, ImageManifest } from './manifest.ts';
import { bareMediaType, foreignLayerMediaTypes, layerMediaTypes } from './media-type.ts';
import { parseImageConfig, unknownPlatformPart } from './parse-config.ts';
import { formatPlatform, platformDistance } from './platform.ts';
import type { Platform } from './platform.ts';
import { selectPlatform } from './select-platform.ts';
import type { PlatformReader } from './select-platform.ts';

/** What an {@link Image} is told by whoever found it. */
export interface OpenImageOptions {
  /** What the user asked for, as they wrote it. */
  readonly name: string;
  /** Asked for by name: an image for another platform is an error. */
  readonly platform?: Platform;
  /** Preferred when no platform was asked for. */
  readonly defaultPlatform: Platform;
  readonly repoTags: readonly string[];
  readonly repoDigests: readonly string[];
  /** Frees what the source holds: called once, when the image is closed or when it cannot be opened. */
  readonly dispose: () => Promise<void>;
}

/**
 * Derives an {@link Image} from content by digest: follows an index to the platform's manifest, reads the config, and
 * pairs each layer with its diffID. No layer is read.
 *
 * @param root the manifest or index to start from
 * @throws OciError MANIFEST_INVALID, MANIFEST_UNSUPPORTED, CONFIG_INVALID, PLATFORM_UNAVAILABLE, LIMIT_EXCEEDED, or
 * what the source throws
 */
export async function openImage(
  source: ContentSource,
  root: Descriptor,
  options: OpenImageOptions,
  signal?: AbortSignal,
): Promise<Image> {
  try {
    return await derive(source, root, options, signal);
  } catch (error) {
    await options.dispose();
    throw error;
  }
}

async function derive(
  source: ContentSource,
  root: Descriptor,
  options: OpenImageOptions,
  signal: AbortSignal | undefined,
): Promise<Image> {
  const { descriptor, manifest } = await resolveManifest(source, root, options, signal);
  checkConfigType(manifest);
  const rawConfig = await source.readContent(manifest.config, limits.configBytes, signal);
  const config = parseImageConfig(rawConfig);
  checkPlatform(config.platform, options.platform);
  if (config.diffIds.length !== manifest.layers.length) {
    throw new OciError(
      'MANIFEST_INVALID',
      `The manifest has ${manifest.layers.length} layers but its config names ${config.diffIds.length}; build it again`,
    );
  }
  return {
    name: options.name,
    imageId: manifest.config.digest,
    manifestDigest: descriptor.digest,
    platform: config.platform,
    config,
    ...(Object.keys(manifest.annotations).length === 0 ? {} : { annotations: manifest.annotations }),
    layers: manifest.layers.map((layer, at) => openLayer(source, layer, config.diffIds[at] as DiffId)),
    repoTags: options.repoTags,
    repoDigests: options.repoDigests,
    rawConfig,
    [Symbol.asyncDispose]: once(options.dispose),
  };
}

async function resolveManifest(
  source: ContentSource,
  root: Descriptor,
  options: OpenImageOptions,
  signal: AbortSignal | undefined,
): Promise<{ readonly descriptor: Descriptor; readonly manifest: ImageManifest }> {
  const reader = platformReader(source, signal);
  const first = await reader.read(root);
  if (first.kind === 'manifest') return { descriptor: root, manifest: first };
  const descriptor = await selectPlatform(first, options, reader);
  return { descriptor, manifest: asManifest(await reader.read(descriptor)) };
}

/**
 * The image of an index that is for a platform; of a single image, the image itself, which must be for that.
 *
 * @throws OciError PLATFORM_UNAVAILABLE and what {@link openImage} throws
 */
export async function resolvePlatform(
  source: ContentSource,
  root: Descriptor,
  platform: Platform,
  signal?: AbortSignal,
): Promise<Descriptor> {
  const reader = platformReader(source, signal);
  const first = await reader.read(root);
  if (first.kind === 'index') return await selectPlatform(first, { platform, defaultPlatform: platform }, reader);
  checkPlatform(await reader.readPlatform(root), platform);
  return root;
}

function platformReader(
  source: ContentSource,
  signal: AbortSignal | undefined,
): PlatformReader & { read(descriptor: Descriptor): Promise<ImageManifest | ImageIndex> } {
  async function read(descriptor: Descriptor): Promise<ImageManifest | ImageIndex> {
    const bytes = await source.readContent(descriptor, limits.manifestBytes, signal);
    return parseManifest(bytes, descriptor.mediaType);
  }
  return {
    read,
    hasBlob: (descriptor) => source.hasBlob?.(descriptor) ?? true,
    readIndex: async (descriptor) => asIndex(await read(descriptor)),
    readPlatform: async (descriptor) => {
      const { config } = asManifest(await read(descriptor));
      return parseImageConfig(await source.readContent(config, limits.configBytes, signal)).platform;
    },
  };
}

function openLayer(source: ContentSource, descriptor: Descriptor, diffId: DiffId): Layer {
  const mediaType = bareMediaType(descriptor.mediaType);
  const foreign = foreignLayerMediaTypes.includes(mediaType);
  if (!foreign && !layerMediaTypes.includes(mediaType)) throw unsupportedLayer(mediaType);
  const there = source.hasBlob?.(descriptor);
  // Registries and archives may hold foreign layers, whatever their type says: only the source knows.
  const absent = there === false ? (foreign ? 'foreign' : 'missing') : undefined;
  const range = absent === undefined ? source.layerRange?.(descriptor) : undefined;
  return {
    diffId,
    descriptor,
    ...(foreign && there !== true ? { foreign } : {}),
    ...(absent ? { absent } : {}),
    ...(range ? { range } : {}),
    ...(absent === undefined && source.locateLayer !== undefined
      ? { locate: async (signal?: AbortSignal) => await source.locateLayer?.(descriptor, signal) }
      : {}),
    open: (signal) => {
      if (absent !== undefined) throw absentLayer(descriptor, absent);
      return source.openLayer(descriptor, signal);
    },
  };
}

function absentLayer({ digest }: Descriptor, absent: 'foreign' | 'missing'): OciError {
  const why =
    absent === 'foreign' ? 'may not be redistributed and is kept elsewhere' : 'is not there; export the image again';
  return new OciError('BLOB_UNKNOWN', `The layer ${digest} ${why}`);
}

/**
 * Checks the platform that a single image is for. A config that does not tell its platform is accepted.
 *
 * @param asked by name, if at all
 * @throws OciError PLATFORM_UNAVAILABLE
 */
export function checkPlatform(actual: Platform, asked: Platform | undefined): void {
  if (asked === undefined) return;
  if (actual.os === unknownPlatformPart || actual.architecture === unknownPlatformPart) return;
  const { variant: _, ...unvaried } = asked;
  // Many builders leave the variant out of the config, also of images that an index offers as arm/v6.
  if (platformDistance(actual.variant === undefined ? unvaried : asked, actual) !== undefined) return;
  throw new OciError(
    'PLATFORM_UNAVAILABLE',
    `The image is for ${formatPlatform(actual)} only, not for ${formatPlatform(asked)}; leave the platform out to take it`,
  );
}

function asIndex(document: ImageManifest | ImageIndex): ImageIndex {
  if (document.kind === 'index') return document;
  throw new OciError('MANIFEST_INVALID', 'The index names a manifest where it promises an index; push it again');
}

function asManifest(document: ImageManifest | ImageIndex): ImageManifest {
  if (document.kind === 'manifest') return document;
  throw new OciError('MANIFEST_INVALID', 'The index names an index where it promises a manifest; push it again');
}

function once(dispose: () => Promise<void>): () => Promise<void> {
  let closed: Promise<void> | undefined;
  return () => (closed ??= dispose());
}
