import { compressionMagicSize, detectCompression } from '../../codec/compression/format.ts';
import type { StoredBlob } from '../content-sink.ts';
import type { Descriptor } from '../descriptor.ts';
import type { DiffId, Digest } from '../digest.ts';
import type { Image, Layer } from '../image.ts';
import { type JsonObject, parseJsonObject } from '../json.ts';
import { bareMediaType } from '../media-type.ts';
import type { Platform } from '../platform.ts';
import { BuildError } from './error.ts';
import { spoolBlob } from './spool-layer.ts';

/** What an image is built on. */
export interface BaseImage {
  readonly platform: Platform;
  /** Its config, as it is stored; an empty one for nothing at all. */
  readonly config: JsonObject;
  readonly layers: readonly BaseLayer[];
  /** Of its manifest, where it has one. */
  readonly digest?: Digest;
}

/** A layer of the base, with its bytes where these are to be had. */
export interface BaseLayer {
  readonly diffId: DiffId;
  readonly descriptor: Descriptor;
  /** Absent for layers that may not be redistributed. */
  readonly blob?: StoredBlob;
}

const ociLayer = 'application/vnd.oci.image.layer.v1.tar';
const dockerLayer = 'application/vnd.docker.image.rootfs.diff.tar';
const dockerForeign = 'application/vnd.docker.image.rootfs.foreign.diff.tar';
const ociForeign = 'application/vnd.oci.image.layer.nondistributable.v1.tar';

/**
 * Takes an image as a base. No layer is read where its digest is known; layers of archives that do not tell it are kept in files.
 *
 * @param folder where such files are made, which `opened` closes
 * @throws BuildError BASE_UNSUITABLE for a base that lacks layers, OciError CONFIG_INVALID
 */
export async function baseOf(
  image: Image,
  folder: string,
  opened: AsyncDisposableStack,
  signal?: AbortSignal,
): Promise<BaseImage> {
  if (image.rebuiltConfig === true) {
    throw unsuitable(`${image.name} does not have its config as it was stored; name it in a registry or an archive`);
  }
  const config = parseJsonObject(image.rawConfig, (what) => unsuitable(`The config of ${image.name} is none: ${what}`));
  const layers: BaseLayer[] = [];
  for (const layer of image.layers) layers.push(await baseLayer(layer, image.name, folder, opened, signal));
  return {
    platform: image.platform,
    config,
    layers,
    ...(image.manifestDigest === undefined ? {} : { digest: image.manifestDigest }),
  };
}

/** The base of an image that has none. */
export function emptyBase(platform: Platform): BaseImage {
  return { platform, config: {}, layers: [] };
}

async function baseLayer(
  layer: Layer,
  name: string,
  folder: string,
  opened: AsyncDisposableStack,
  signal: AbortSignal | undefined,
): Promise<BaseLayer> {
  const { diffId, descriptor, absent } = layer;
  const isElsewhere = layer.foreign === true && descriptor?.urls !== undefined;
  if (absent !== undefined && !isElsewhere) {
    throw unsuitable(`${name} lacks its layer ${descriptor?.digest ?? diffId}; export or pull it again`);
  }
  if (descriptor === undefined) return await spoolBaseLayer(layer, folder, opened, signal);
  const renamed = { ...descriptor, mediaType: ociMediaType(descriptor.mediaType) };
  if (isElsewhere) return { diffId, descriptor: renamed };
  const { digest, size } = descriptor;
  return { diffId, descriptor: renamed, blob: { digest, size, open: () => layer.open(signal) } };
}

async function spoolBaseLayer(
  layer: Layer,
  folder: string,
  opened: AsyncDisposableStack,
  signal: AbortSignal | undefined,
): Promise<BaseLayer> {
  let head = Buffer.alloc(0);
  async function* stored(): AsyncGenerator<Uint8Array> {
    for await (const chunk of layer.open(signal)) {
      if (head.length < compressionMagicSize) head = Buffer.concat([head, chunk.subarray(0, compressionMagicSize)]);
      yield chunk;
    }
  }
  const { blob } = opened.use(await spoolBlob(stored(), folder));
  const compression = detectCompression(head);
  const mediaType = compression === 'none' ? ociLayer : `${ociLayer}+${compression}`;
  return { diffId: layer.diffId, blob, descriptor: { mediaType, digest: blob.digest, size: blob.size } };
}

/** A manifest is of one family; the bytes are the same in both. */
function ociMediaType(mediaType: string): string {
  const bare = bareMediaType(mediaType);
  for (const [docker, oci] of [
    [dockerForeign, ociForeign],
    [dockerLayer, ociLayer],
  ] as const) {
    if (bare.startsWith(docker)) return `${oci}${bare.slice(docker.length).replace('.', '+')}`;
  }
  return bare;
}

function unsuitable(message: string): BuildError {
  return new BuildError('BASE_UNSUITABLE', message);
}
