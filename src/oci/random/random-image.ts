import { gzipSync } from 'node:zlib';
import type { ContentSource } from '../content-source.ts';
import type { Descriptor } from '../descriptor.ts';
import type { Digest } from '../digest.ts';
import { OciError } from '../error.ts';
import type { Image } from '../image.ts';
import { openImage } from '../open-image.ts';
import type { Platform } from '../platform.ts';
import { digestOf, verifyContent } from '../verify-content.ts';
import { randomLayerTar } from './random-layer.ts';

/** What a random image is made of. The same options make the same image. */
export interface RandomImageOptions {
  readonly seed: string;
  /** Default 2. */
  readonly layers?: number;
  /** Files in each layer; default 4. */
  readonly files?: number;
  /** Bytes of each file; default 1000. */
  readonly fileBytes?: number;
  /** Default `linux/amd64`. */
  readonly platform?: Platform;
}

/** A random image as content: what a registry or a layout would hold. */
export interface RandomContent {
  /** Of the manifest. */
  readonly root: Descriptor;
  readonly blobs: ReadonlyMap<Digest, Buffer>;
}

/** Makes an image that is whole in every digest and size, and whose files mean nothing. */
export function randomContent(options: RandomImageOptions): RandomContent {
  const { seed, layers = 2, files = 4, fileBytes = 1000, platform = { os: 'linux', architecture: 'amd64' } } = options;
  const blobs = new Map<Digest, Buffer>();
  function put(mediaType: string, bytes: Buffer): Descriptor {
    const digest = digestOf(bytes);
    blobs.set(digest, bytes);
    return { mediaType: `application/vnd.oci.image.${mediaType}`, digest, size: bytes.length };
  }
  const tars = Array.from({ length: layers }, (_, at) => randomLayerTar(`${seed}/${at}`, files, fileBytes));
  const config = put(
    'config.v1+json',
    encode({
      created: '1970-01-01T00:00:00Z',
      architecture: platform.architecture,
      ...(platform.variant ? { variant: platform.variant } : {}),
      os: platform.os,
      config: {},
      rootfs: { type: 'layers', diff_ids: tars.map(digestOf) },
      history: tars.map((_, at) => ({ created_by: `random layer ${at}` })),
    }),
  );
  const stored = tars.map((tar) => put('layer.v1.tar+gzip', gzipSync(tar)));
  const mediaType = 'application/vnd.oci.image.manifest.v1+json';
  const root = put('manifest.v1+json', encode({ schemaVersion: 2, mediaType, config, layers: stored }));
  return { root: { ...root, platform }, blobs };
}

/** The content opened as an {@link Image} in memory. */
export async function randomImage(options: RandomImageOptions): Promise<Image> {
  const { root, blobs } = randomContent(options);
  return await openImage(memorySource(blobs), root, {
    name: `random:${options.seed}`,
    defaultPlatform: options.platform ?? { os: 'linux', architecture: 'amd64' },
    repoTags: [],
    repoDigests: [],
    dispose: () => Promise.resolve(),
  });
}

/** Content that lies in memory. */
export function memorySource(blobs: ReadonlyMap<Digest, Buffer>): ContentSource {
  function find({ digest }: Descriptor): Buffer {
    const bytes = blobs.get(digest);
    if (bytes === undefined) throw new OciError('BLOB_UNKNOWN', `There is no blob ${digest} in memory`);
    return bytes;
  }
  return {
    readContent: async (descriptor, maxBytes) => {
      const bytes = find(descriptor);
      if (bytes.length > maxBytes) throw new OciError('LIMIT_EXCEEDED', `The blob has more than ${maxBytes} bytes`);
      verifyContent(bytes, descriptor);
      return await Promise.resolve(bytes);
    },
    async *openLayer(descriptor) {
      yield await Promise.resolve(find(descriptor));
    },
    hasBlob: ({ digest }) => blobs.has(digest),
  };
}

function encode(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}
