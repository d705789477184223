import { gzipSync } from 'node:zlib';
import { type RegistryStore, sha256 } from './store.ts';

/** An image made up for a test: every blob, and the manifest. */
export interface SyntheticImage {
  readonly manifest: Uint8Array;
  readonly mediaType: string;
  readonly config: Uint8Array;
  /** Gzip, lowest first. */
  readonly layers: readonly Uint8Array[];
  /** Uncompressed, lowest first. */
  readonly tars: readonly Uint8Array[];
}

/** Makes an image of one tar per entry of `layers`, each a map from path to content. */
export function makeSyntheticImage(
  layers: readonly Readonly<Record<string, string | Uint8Array>>[],
  architecture: string = 'amd64',
): SyntheticImage {
  const tars = layers.map(makeTar);
  const blobs = tars.map((tar) => gzipSync(tar, { level: 1 }));
  const config = Buffer.from(
    JSON.stringify({
      architecture,
      os: 'linux',
      config: { Env: ['PATH=/usr/bin'] },
      rootfs: { type: 'layers', diff_ids: tars.map(sha256) },
      history: tars.map((_, index) => ({ created_by: `layer ${index}` })),
    }),
  );
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      config: describe('application/vnd.oci.image.config.v1+json', config),
      layers: blobs.map((blob) => describe('application/vnd.oci.image.layer.v1.tar+gzip', blob)),
    }),
  );
  return { manifest, mediaType: 'application/vnd.oci.image.manifest.v1+json', config, layers: blobs, tars };
}

/** Puts an image straight into a store, past the push API; returns the manifest's digest. */
export function storeImage(store: RegistryStore, repository: string, tag: string, image: SyntheticImage): string {
  for (const blob of [image.config, ...image.layers]) store.putBlob(repository, blob);
  return store.putManifest(repository, tag, image.mediaType, image.manifest);
}

/** Puts an index over images of several architectures into a store, the images with it; returns its digest. */
export function storeIndex(
  store: RegistryStore,
  repository: string,
  tag: string,
  images: Readonly<Record<string, SyntheticImage>>,
): string {
  const manifests = Object.entries(images).map(([architecture, image]) => {
    storeImage(store, repository, `${tag}-${architecture}`, image);
    return { ...describe(image.mediaType, image.manifest), platform: { os: 'linux', architecture } };
  });
  const mediaType = 'application/vnd.oci.image.index.v1+json';
  const index = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, manifests }));
  return store.putManifest(repository, tag, mediaType, index);
}

function describe(mediaType: string, bytes: Uint8Array): { mediaType: string; digest: string; size: number } {
  return { mediaType, digest: sha256(bytes), size: bytes.length };
}

/** A ustar archive of regular files (POSIX.1-2017, pax, "ustar Interchange Format"). */
function makeTar(files: Readonly<Record<string, string | Uint8Array>>): Buffer {
  const parts: Buffer[] = [];
  for (const [path, content] of Object.entries(files)) {
    const bytes = Buffer.from(content as string);
    const header = Buffer.alloc(512);
    header.write(path, 0, 100);
    header.write('0000644 0000000 0000000 ', 100);
    header.write(`${bytes.length.toString(8).padStart(11, '0')} 00000000000 `, 124);
    header.write('        0', 148);
    header.write('ustar\x0000', 257);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    parts.push(header, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512));
  }
  return Buffer.concat([...parts, Buffer.alloc(1024)]);
}
