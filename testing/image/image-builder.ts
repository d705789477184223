import { createHash } from 'node:crypto';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import type { Descriptor } from '../../src/oci/descriptor.ts';
import type { Digest } from '../../src/oci/digest.ts';
import type { Platform } from '../../src/oci/platform.ts';
import { writeTar } from './tar-writer.ts';
import type { TarEntry } from './tar-writer.ts';

/** How a layer's tar is stored; `gzip-multi` is several gzip members one after another, `zstd-multi` several frames. */
export type LayerCompression = 'none' | 'gzip' | 'gzip-multi' | 'zstd' | 'zstd-multi';

/** One layer of an image to be built. */
interface LayerInput {
  /** Entries to write, or a whole tar. */
  readonly tar: readonly TarEntry[] | Buffer;
  /** Default `gzip`. */
  readonly compression?: LayerCompression;
  /** A media type other than the one that fits. */
  readonly mediaType?: string;
  /** Where a foreign layer may be had. */
  readonly urls?: readonly string[];
  /** The blob, in place of the tar as `compression` packs it. */
  readonly stored?: Buffer;
  /** Of the descriptor. */
  readonly annotations?: Readonly<Record<string, string>>;
}

/** One image to be built. */
export interface ImageInput {
  readonly layers: readonly LayerInput[];
  /** Default `linux/amd64`. */
  readonly platform?: Platform;
  /** Properties laid over the config. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Properties laid over the manifest. */
  readonly manifest?: Readonly<Record<string, unknown>>;
  /** Docker's schema 2 instead of OCI. */
  readonly docker?: boolean;
}

/** A manifest or an index with everything under it. */
export interface BuiltContent {
  readonly descriptor: Descriptor;
  readonly blobs: ReadonlyMap<Digest, Buffer>;
}

/** A built image. */
export interface BuiltImage extends BuiltContent {
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
  readonly diffIds: readonly Digest[];
  /** The layers' tars as they are before compression. */
  readonly tars: readonly Buffer[];
}

const oci = 'application/vnd.oci.image';
const docker = 'application/vnd.docker';
const suffixes = { none: '', gzip: 'gzip', 'gzip-multi': 'gzip', zstd: 'zstd', 'zstd-multi': 'zstd' } as const;

/** Builds an image. The same input gives the same bytes: no clock, no chance. */
export function buildImage(input: ImageInput): BuiltImage {
  const blobs = new Map<Digest, Buffer>();
  const put = (bytes: Buffer, mediaType: string): Descriptor => {
    const digest = sha256(bytes);
    blobs.set(digest, bytes);
    return { mediaType, digest, size: bytes.length };
  };
  const tars = input.layers.map(({ tar }) => (Buffer.isBuffer(tar) ? tar : writeTar(tar)));
  const layers = input.layers.map((layer, at) => {
    const compression = layer.compression ?? 'gzip';
    const { urls, annotations } = layer;
    const bytes = layer.stored ?? compressLayer(tars[at] as Buffer, compression);
    const descriptor = put(bytes, layer.mediaType ?? layerMediaType(compression, input.docker ?? false));
    return { ...descriptor, ...(urls === undefined ? {} : { urls }), ...(annotations ? { annotations } : {}) };
  });
  const diffIds = tars.map(sha256);
  const platform = input.platform ?? { os: 'linux', architecture: 'amd64' };
  const config = put(
    encode({
      created: '1970-01-01T00:00:00Z',
      architecture: platform.architecture,
      os: platform.os,
      ...(platform.variant ? { variant: platform.variant } : {}),
      ...(platform.osVersion ? { 'os.version': platform.osVersion } : {}),
      config: { Env: ['PATH=/usr/bin:/bin'] },
      rootfs: { type: 'layers', diff_ids: diffIds },
      history: diffIds.map((_, at) => ({ created: '1970-01-01T00:00:00Z', created_by: `layer ${at}` })),
      ...input.config,
    }),
    input.docker ? `${docker}.container.image.v1+json` : `${oci}.config.v1+json`,
  );
  const mediaType = input.docker ? `${docker}.distribution.manifest.v2+json` : `${oci}.manifest.v1+json`;
  const manifest = { schemaVersion: 2, mediaType, config, layers, ...input.manifest };
  const descriptor = { ...put(encode(manifest), mediaType), platform };
  return { descriptor, blobs, config, layers, diffIds, tars };
}

/** What an index lists, with what its descriptor adds or changes. */
export interface IndexEntry {
  readonly content: BuiltContent;
  readonly annotations?: Readonly<Record<string, string>>;
  /** `null` leaves the platform out. */
  readonly platform?: Platform | null;
}

/** Builds an index (or Docker's manifest list) over images, attestations and further indexes. */
export function buildIndex(entries: readonly IndexEntry[], options: { readonly docker?: boolean } = {}): BuiltContent {
  const mediaType = options.docker ? `${docker}.distribution.manifest.list.v2+json` : `${oci}.index.v1+json`;
  const manifests = entries.map(({ content, annotations, platform }) => {
    const { platform: own, ...bare } = content.descriptor;
    const used = platform === null ? undefined : (platform ?? own);
    return { ...bare, ...(annotations ? { annotations } : {}), ...(used ? { platform: wirePlatform(used) } : {}) };
  });
  const bytes = encode({ schemaVersion: 2, mediaType, manifests });
  const digest = sha256(bytes);
  const blobs = new Map(entries.flatMap(({ content }) => [...content.blobs]));
  blobs.set(digest, bytes);
  return { descriptor: { mediaType, digest, size: bytes.length }, blobs };
}

/** BuildKit's attestation manifest about `subject`, ready to stand in an index. */
export function attestationEntry(subject: BuiltContent): IndexEntry {
  const statement = encode({ _type: 'https://in-toto.io/Statement/v0.1', subject: [] });
  const platform = { os: 'unknown', architecture: 'unknown' };
  const content = buildImage({
    platform,
    layers: [{ tar: statement, compression: 'none', mediaType: 'application/vnd.in-toto+json' }],
  });
  const annotations = {
    'vnd.docker.reference.digest': subject.descriptor.digest,
    'vnd.docker.reference.type': 'attestation-manifest',
  };
  return { content, annotations, platform };
}

/** Compresses a tar as a layer is stored. */
export function compressLayer(tar: Buffer, compression: LayerCompression): Buffer {
  if (compression === 'none') return tar;
  const compress = suffixes[compression] === 'gzip' ? gzip : (bytes: Buffer): Buffer => zstdCompressSync(bytes);
  if (compression === 'gzip' || compression === 'zstd') return compress(tar);
  const third = Math.ceil(tar.length / 3);
  return Buffer.concat([0, 1, 2].map((at) => compress(tar.subarray(at * third, (at + 1) * third))));
}

/** The sha256 digest of bytes. */
export function sha256(bytes: Uint8Array): Digest {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}` as Digest;
}

/** A value as the JSON that goes into a blob. */
export function encode(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

function gzip(bytes: Buffer): Buffer {
  return gzipSync(bytes);
}

function layerMediaType(compression: LayerCompression, isDocker: boolean): string {
  const suffix = suffixes[compression];
  if (isDocker) return `${docker}.image.rootfs.diff.tar${suffix && `.${suffix}`}`;
  return `${oci}.layer.v1.tar${suffix && `+${suffix}`}`;
}

function wirePlatform({ os, architecture, variant, osVersion }: Platform): Record<string, string> {
  return {
    architecture,
    os,
    ...(variant ? { variant } : {}),
    ...(osVersion ? { 'os.version': osVersion } : {}),
  };
}
