import type { Image, Layer } from '../src/oci/image.ts';
import type { BuiltImage } from './image/image-builder.ts';

/** An image held in memory: its layers have no file, so their bytes go to threads in chunks. */
export function memoryImage(built: BuiltImage, change: (layer: Layer, at: number) => Layer = (layer) => layer): Image {
  const config = built.blobs.get(built.config.digest) as Buffer;
  const manifest = built.blobs.get(built.descriptor.digest) as Buffer;
  const { annotations } = JSON.parse(manifest.toString('utf8')) as Pick<Image, 'annotations'>;
  return {
    name: 'test/image:1',
    imageId: built.config.digest,
    manifestDigest: built.descriptor.digest,
    platform: { os: 'linux', architecture: 'amd64' },
    config: JSON.parse(config.toString('utf8')),
    ...(annotations === undefined ? {} : { annotations }),
    layers: built.layers.map((descriptor, at) => {
      const bytes = built.blobs.get(descriptor.digest) as Buffer;
      const layer: Layer = {
        diffId: built.diffIds[at] as Layer['diffId'],
        descriptor,
        async *open(signal) {
          for (let start = 0; start < bytes.length; start += 50_000) {
            signal?.throwIfAborted();
            yield bytes.subarray(start, start + 50_000);
          }
        },
      };
      return change(layer, at);
    }),
    repoTags: [],
    repoDigests: [],
    rawConfig: config,
    [Symbol.asyncDispose]: async () => undefined,
  };
}
