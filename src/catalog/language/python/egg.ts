import { isZipMagic, openZip } from '../../../codec/zip/archive.ts';

/** Largest `PKG-INFO` of an egg that is unpacked, in bytes. */
const maxMetadataBytes = 4 * 1024 * 1024;

/**
 * The core metadata of a zipped egg, undefined when the file is no zip archive or holds none.
 *
 * @throws CodecError when the archive is damaged
 */
export function readEggMetadata(bytes: Buffer): Buffer | undefined {
  if (!isZipMagic(bytes)) return undefined;
  const archive = openZip(bytes);
  for (const entry of archive.entries()) {
    if (entry.name === 'EGG-INFO/PKG-INFO') return archive.read(entry, maxMetadataBytes);
  }
  return undefined;
}
