import { gunzipSync } from 'node:zlib';
import { TarReader, type BodySink, type TarEntry } from '../../src/codec/tar/reader.ts';
import { defaultTarLimits } from '../../src/codec/tar/limits.ts';
import type { ImageFile } from './tar.ts';

const maxUnpackedBytes = 256 << 20;

/**
 * The files of a package's tarball as they stand in the image: below `into`, without the tarball's own top folder.
 * Files that may be run keep that, other permissions are as a package manager sets them.
 *
 * @throws CodecError when the tarball is damaged
 */
export function unpackPackage(tarball: Uint8Array, into: string): ImageFile[] {
  const files: ImageFile[] = [];
  const reader = new TarReader((entry) => {
    const path = /^[^/]+\/(.+)$/.exec(entry.path)?.[1];
    if (entry.type !== 'file' || path === undefined) return undefined;
    return collect(entry, (bytes) => {
      files.push({ path: `${into}/${path}`, mode: (entry.mode & 0o111) === 0 ? 0o644 : 0o755, bytes });
    });
  }, defaultTarLimits);
  reader.write(gunzipSync(tarball, { maxOutputLength: maxUnpackedBytes }));
  reader.end();
  return files;
}

function collect(entry: TarEntry, done: (bytes: Buffer) => void): BodySink {
  const bytes = Buffer.alloc(entry.size);
  let at = 0;
  return {
    data: (chunk) => {
      at += chunk.copy(bytes, at);
      return true;
    },
    end: () => done(bytes),
  };
}
