import { gzipSync } from 'node:zlib';
import type { Descriptor } from '../../src/oci/descriptor.ts';
import { digestOf } from '../../src/oci/verify-content.ts';
import { writeTar, type ImageFile } from './tar.ts';

/** One build step with its files. */
export interface LayerFiles {
  /** What the image's history says of it. */
  readonly createdBy: string;
  readonly files: readonly ImageFile[];
}

/** An image has a date of its own making: the clock would give every run another digest. */
const created = '2022-01-01T00:00:00Z';
const platform = { os: 'linux', architecture: 'amd64' };

/**
 * Builds an image of these layers, lowest first, as the files of an OCI image layout (OCI image-spec, image-layout.md)
 * by their paths. The same layers give the same bytes.
 */
export function buildImage(name: string, layers: readonly LayerFiles[]): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  const put = (mediaType: string, bytes: Buffer): Descriptor => {
    const digest = digestOf(bytes);
    files.set(`blobs/${digest.replace(':', '/')}`, bytes);
    return { mediaType: `application/vnd.oci.image.${mediaType}`, digest, size: bytes.length };
  };
  const tars = layers.map((layer) => writeTar(layer.files));
  const config = put(
    'config.v1+json',
    encode({
      created,
      ...platform,
      config: { Env: ['PATH=/usr/local/bin:/usr/bin:/bin'], WorkingDir: '/srv/app' },
      rootfs: { type: 'layers', diff_ids: tars.map((tar) => digestOf(tar)) },
      history: layers.map(({ createdBy }) => ({ created, created_by: createdBy })),
    }),
  );
  const stored = tars.map((tar) => put('layer.v1.tar+gzip', gzipSync(tar)));
  const mediaType = 'application/vnd.oci.image.manifest.v1+json';
  const manifest = put('manifest.v1+json', encode({ schemaVersion: 2, mediaType, config, layers: stored }));
  const annotations = { 'org.opencontainers.image.ref.name': name };
  files.set('index.json', encode({ schemaVersion: 2, manifests: [{ ...manifest, platform, annotations }] }));
  files.set('oci-layout', encode({ imageLayoutVersion: '1.0.0' }));
  return files;
}

function encode(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}
