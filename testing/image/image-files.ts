import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { encode, sha256 } from './image-builder.ts';
import type { BuiltContent, BuiltImage } from './image-builder.ts';
import { file, symlink, writeTar } from './tar-writer.ts';
import type { TarEntry } from './tar-writer.ts';

/** An image or index at the top of a layout. */
export interface LayoutRoot {
  readonly content: BuiltContent;
  /** Annotation `org.opencontainers.image.ref.name`. */
  readonly refName?: string;
  /** Annotation `io.containerd.image.name`. */
  readonly imageName?: string;
}

/** The files of an OCI image layout, by path (OCI image-spec, image-layout.md). */
export function layoutFiles(roots: readonly LayoutRoot[]): Map<string, Buffer> {
  const manifests = roots.map(({ content, refName, imageName }) => ({
    ...content.descriptor,
    annotations: {
      ...(imageName ? { 'io.containerd.image.name': imageName } : {}),
      ...(refName ? { 'org.opencontainers.image.ref.name': refName } : {}),
    },
  }));
  const files = new Map<string, Buffer>();
  for (const { content } of roots) {
    for (const [digest, bytes] of content.blobs) files.set(`blobs/${digest.replace(':', '/')}`, bytes);
  }
  files.set('index.json', encode({ schemaVersion: 2, manifests }));
  files.set('oci-layout', encode({ imageLayoutVersion: '1.0.0' }));
  return files;
}

/** Writes files into a directory, which is made. */
export function writeFiles(directory: string, files: ReadonlyMap<string, Buffer>): void {
  for (const [path, bytes] of files) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), bytes);
  }
}

/** How the outer tar of an archive is stored. */
export type OuterCompression = 'none' | 'gzip' | 'gzip-multi' | 'zstd' | 'zstd-multi';

/** Compresses a whole archive. */
export function compressArchive(tar: Buffer, compression: OuterCompression): Buffer {
  if (compression === 'none') return tar;
  const compress = compression.startsWith('gzip') ? gzipSync : zstdCompressSync;
  if (!compression.endsWith('-multi')) return compress(tar);
  const half = Math.floor(tar.length / 2);
  return Buffer.concat([compress(tar.subarray(0, half)), compress(tar.subarray(half))]);
}

/** An OCI archive: a layout in a tar. */
export function ociArchive(roots: readonly LayoutRoot[], compression: OuterCompression = 'none'): Buffer {
  return compressArchive(tarOf(layoutFiles(roots)), compression);
}

/** One image of a docker-archive. */
export interface ArchivedImage {
  readonly image: BuiltImage;
  readonly repoTags?: readonly string[];
}

/**
 * Who wrote the docker-archive: Docker before 25 (`<id>/layer.tar` and `<config>.json`), the same with the layers as
 * links into each other's folders, kaniko (`sha256:…` and `….tar.gz`), skopeo (`….tar` with linked `layer.tar`), or
 * Docker from 25 on (an OCI layout beside the `manifest.json`).
 */
export type DockerArchiveDialect = 'docker' | 'kaniko' | 'skopeo' | 'docker-25';

/** The entries of what `docker save` writes. */
export function dockerArchiveEntries(images: readonly ArchivedImage[], dialect: DockerArchiveDialect): TarEntry[] {
  const entries = new Map<string, TarEntry>();
  const add = (entry: TarEntry): string => {
    entries.set(entry.name, entry);
    return entry.name;
  };
  if (dialect === 'docker-25') {
    const roots = images.map(({ image, repoTags }) => {
      const [imageName] = repoTags ?? [];
      return { content: image, ...(imageName ? { imageName: `docker.io/library/${imageName}` } : {}) };
    });
    for (const [path, bytes] of layoutFiles(roots)) add(file(path, bytes));
  }
  const manifest = images.map(({ image, repoTags }) => {
    const config = image.blobs.get(image.config.digest) as Buffer;
    return {
      Config: add(file(configName(image, dialect), config)),
      RepoTags: repoTags ?? null,
      Layers: image.layers.map((_, at) => addLayer(image, at, dialect, add)),
    };
  });
  add(file('manifest.json', encode(manifest)));
  return [...entries.values()];
}

/** What `docker save` writes. */
export function dockerArchive(
  images: readonly ArchivedImage[],
  dialect: DockerArchiveDialect = 'docker',
  compression: OuterCompression = 'none',
): Buffer {
  return compressArchive(writeTar(dockerArchiveEntries(images, dialect)), compression);
}

/** What Docker wrote before 1.10: no `manifest.json`, a chain of folders, and `repositories` naming its top. */
export function legacyArchive(image: BuiltImage, repository: string, tag: string): Buffer {
  const ids = image.tars.map((_, at) => sha256(Buffer.from(`${at}${image.config.digest}`)).slice(7));
  const entries = image.tars.flatMap((tar, at) => {
    const id = ids[at] as string;
    const parent = ids[at - 1];
    const json = { id, ...(parent ? { parent } : {}), os: 'linux', architecture: 'amd64', config: { Env: ['A=1'] } };
    return [file(`${id}/VERSION`, '1.0'), file(`${id}/json`, encode(json)), file(`${id}/layer.tar`, tar)];
  });
  entries.push(file('repositories', encode({ [repository]: { [tag]: ids.at(-1) } })));
  return writeTar(entries);
}

function addLayer(
  image: BuiltImage,
  at: number,
  dialect: DockerArchiveDialect,
  add: (entry: TarEntry) => string,
): string {
  const tar = image.tars[at] as Buffer;
  const diffId = (image.diffIds[at] as string).slice(7);
  const { digest } = image.layers[at] as { digest: string };
  if (dialect === 'docker-25') return `blobs/${digest.replace(':', '/')}`;
  if (dialect === 'kaniko') return add(file(`${digest.slice(7)}.tar.gz`, image.blobs.get(digest as never) ?? tar));
  if (dialect === 'skopeo') {
    const name = add(file(`${diffId}.tar`, tar));
    return add(symlink(`${diffId}/layer.tar`, `../${name}`));
  }
  add(file(`${diffId}/VERSION`, '1.0'));
  return add(file(`${diffId}/layer.tar`, tar));
}

function configName({ config }: BuiltImage, dialect: DockerArchiveDialect): string {
  if (dialect === 'kaniko') return config.digest;
  return dialect === 'docker-25' ? `blobs/${config.digest.replace(':', '/')}` : `${config.digest.slice(7)}.json`;
}

/** A tar of files, in their order. */
export function tarOf(files: ReadonlyMap<string, Buffer>): Buffer {
  return writeTar([...files].map(([path, bytes]) => file(path, bytes)));
}
