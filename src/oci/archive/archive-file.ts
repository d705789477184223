import type { FileHandle } from 'node:fs/promises';
import { compressionMagicSize, detectCompression } from '../../codec/compression/format.ts';
import { defaultInflateLimits } from '../../codec/compression/limits.ts';
import { CodecError } from '../../codec/error.ts';
import { OciError } from '../error.ts';
import { readRange, streamRange } from '../file-range.ts';
import type { FileRange } from '../image.ts';
import { ChunkByteReader, FileByteReader } from './byte-reader.ts';
import { inflateChunks } from './inflate.ts';
import { archiveLimits } from './limits.ts';
import { normalizePath } from './path.ts';
import { indexTar } from './tar-index.ts';
import type { ArchiveEntry, TarIndex } from './tar-index.ts';

/**
 * A tar on disk whose entries are read by name. The file stays open and nothing is unpacked to disk.
 *
 * A plain tar is read by position. A compressed one has no positions: it is inflated once for the index, which keeps
 * small entries, and once more for every larger entry that is read, up to that entry's end. Reading all layers of an
 * archive of n layers so costs about n/2 times its inflation; a plain archive, or a layout, costs none of it.
 */
export interface ArchiveFile {
  /** The entry of that name, links followed; undefined when there is none. */
  find(name: string): ArchiveEntry | undefined;
  /** Reads an entry whole. */
  read(entry: ArchiveEntry, maxBytes: number, signal?: AbortSignal): Promise<Buffer>;
  /** Streams an entry. */
  stream(entry: ArchiveEntry, signal?: AbortSignal): AsyncIterable<Uint8Array>;
  /** Where an entry lies in the file; undefined in a compressed archive. */
  range(entry: ArchiveEntry): FileRange | undefined;
}

/**
 * Indexes an open archive: plain, gzip or zstd, told by its first bytes. The caller closes the file.
 *
 * @throws OciError ARCHIVE_INVALID or LIMIT_EXCEEDED
 */
export async function indexArchive(file: FileHandle, signal?: AbortSignal): Promise<ArchiveFile> {
  return await guarded(async () => {
    const { size } = await file.stat();
    const head = await readRange({ fd: file.fd, offset: 0, length: Math.min(size, compressionMagicSize) });
    const compression = detectCompression(head);
    if (size < 512 && compression === 'none') throw new CodecError('MALFORMED', 'it is too short to be a tar');
    if (compression === 'none') return plainArchive(file.fd, await indexTar(new FileByteReader(file.fd, size), false));
    if (compression !== 'gzip' && compression !== 'zstd') {
      throw new CodecError('UNSUPPORTED', `it is packed with ${compression}, which has to be undone first`);
    }
    const inflated = (abort?: AbortSignal): AsyncGenerator<Buffer> =>
      inflateChunks(streamRange({ fd: file.fd, offset: 0, length: size }, abort), compression, defaultInflateLimits);
    const chunks = inflated(signal);
    try {
      return compressedArchive(await indexTar(new ChunkByteReader(chunks), true), inflated);
    } finally {
      await chunks.return(undefined);
    }
  });
}

function plainArchive(fd: number, index: TarIndex): ArchiveFile {
  const range = ({ offset, size }: ArchiveEntry): FileRange => ({ fd, offset, length: size });
  return {
    find: (name) => followLinks(index, name),
    read: (entry, maxBytes) => {
      checkSize(entry, maxBytes);
      return readRange(range(entry));
    },
    stream: (entry, signal) => streamRange(range(entry), signal),
    range,
  };
}

function compressedArchive(index: TarIndex, inflated: (signal?: AbortSignal) => AsyncGenerator<Buffer>): ArchiveFile {
  async function* stream(entry: ArchiveEntry, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
    if (entry.body !== undefined) {
      yield entry.body;
      return;
    }
    const chunks = inflated(signal);
    try {
      const reader = new ChunkByteReader(chunks);
      let left = (await guarded(() => reader.skip(entry.offset))) ? entry.size : Number.NaN;
      while (left !== 0) {
        signal?.throwIfAborted();
        const wanted = left;
        const chunk = await guarded(() => reader.readSome(wanted));
        if (chunk.length === 0) throw damaged('it ends too early');
        left -= chunk.length;
        yield chunk;
      }
    } finally {
      await chunks.return(undefined);
    }
  }
  return {
    find: (name) => followLinks(index, name),
    read: async (entry, maxBytes, signal) => {
      checkSize(entry, maxBytes);
      const chunks: Uint8Array[] = [];
      for await (const chunk of stream(entry, signal)) chunks.push(chunk);
      return Buffer.concat(chunks);
    },
    stream,
    range: () => undefined,
  };
}

/** Old Docker releases store a layer that is there already as a link to it. */
function followLinks(index: TarIndex, name: string): ArchiveEntry | undefined {
  let target = normalizePath(name);
  for (let links = 0; links <= archiveLimits.links; links += 1) {
    const entry = target === undefined ? undefined : index.get(target);
    if (entry?.link === undefined) return entry;
    target = entry.link.target;
  }
  throw damaged(`the links from "${name.slice(0, 100)}" lead in a circle`);
}

function checkSize(entry: ArchiveEntry, maxBytes: number): void {
  if (entry.size <= maxBytes) return;
  throw new OciError('LIMIT_EXCEEDED', `"${entry.name.slice(0, 100)}" in the archive is larger than ${maxBytes} bytes`);
}

async function guarded<Result>(run: () => Promise<Result>): Promise<Result> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
    if (error.code === 'LIMIT_EXCEEDED') {
      throw new OciError('LIMIT_EXCEEDED', `The archive is refused: ${error.message}`, { cause: error });
    }
    throw damaged(error.message, error);
  }
}

function damaged(why: string, cause?: unknown): OciError {
  return new OciError('ARCHIVE_INVALID', `The archive cannot be read: ${why}; save the image again`, { cause });
}
