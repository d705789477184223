import { CodecError } from '../../codec/error.ts';
import { blockSize, parseTarHeader } from '../../codec/tar/header.ts';
import { decodeName } from '../../codec/tar/name.ts';
import type { TarHeader } from '../../codec/tar/header.ts';
import { parsePaxRecords } from '../../codec/tar/pax.ts';
import type { ByteReader } from './byte-reader.ts';
import { archiveLimits } from './limits.ts';
import { linkTarget, normalizePath } from './path.ts';

/** A file or a link in the outer tar. */
export interface ArchiveEntry {
  /** Normalised: no `./`, no leading slash. */
  readonly name: string;
  /** Where the data starts in the tar, in bytes. */
  readonly offset: number;
  /** In bytes. */
  readonly size: number;
  /** For links: the name they stand for; `undefined` when that lies outside of the archive. */
  readonly link?: { readonly target: string | undefined };
  /** The data, when it was kept while indexing. */
  readonly body?: Buffer;
}

/** Files and links by name; of two with one name the later one counts, as when tar unpacks. */
export type TarIndex = ReadonlyMap<string, ArchiveEntry>;

/**
 * Reads the headers of a tar and steps over the data. Names that lead out of the archive are left out: nothing may
 * refer to them.
 *
 * @param keepBodies also keeps small bodies, for a tar that cannot be read by position
 * @throws CodecError MALFORMED, TRUNCATED or LIMIT_EXCEEDED
 */
export async function indexTar(reader: ByteReader, keepBodies: boolean): Promise<TarIndex> {
  const index = new Map<string, ArchiveEntry>();
  const pending = new Map<string, string>();
  let entries = 0;
  let kept = 0;
  let zeroBlocks = 0;
  while (zeroBlocks < 2) {
    const block = await reader.read(blockSize);
    if (block.length === 0) break;
    if (block.length < blockSize) throw truncated();
    const header = parseTarHeader(block, 0);
    if (header === undefined) {
      zeroBlocks += 1;
      continue;
    }
    zeroBlocks = 0;
    entries += 1;
    if (entries > archiveLimits.entries) throw exceeded(`more than ${archiveLimits.entries} entries`);
    if (isExtension(header.type)) {
      await readExtension(reader, header, pending);
      continue;
    }
    const size = dataSize(header, pending);
    const offset = reader.position;
    const entry = describe(header, pending, offset, size);
    pending.clear();
    if (keepBodies && entry !== undefined && entry.link === undefined && fits(size, kept)) {
      const body = await readWhole(reader, size);
      kept += size;
      index.set(entry.name, { ...entry, body: Buffer.from(body) });
    } else {
      if (!(await reader.skip(size))) throw truncated();
      if (entry !== undefined) index.set(entry.name, entry);
    }
    await reader.skip(padding(size));
  }
  return index;
}

function fits(size: number, kept: number): boolean {
  return size <= archiveLimits.keptEntryBytes && kept + size <= archiveLimits.keptBytes;
}

function isExtension(type: string): boolean {
  return type === 'x' || type === 'g' || type === 'L' || type === 'K';
}

async function readExtension(reader: ByteReader, header: TarHeader, pending: Map<string, string>): Promise<void> {
  if (!(header.size >= 0)) throw malformed();
  if (header.size > archiveLimits.extensionBytes) throw exceeded('an extension record that is far too long');
  const bytes = await readWhole(reader, header.size);
  if (header.type === 'L' || header.type === 'K') {
    const end = bytes.indexOf(0);
    pending.set(header.type === 'L' ? 'path' : 'linkpath', decodeName(end < 0 ? bytes : bytes.subarray(0, end)));
  } else if (header.type === 'x') {
    for (const [key, value] of parsePaxRecords(bytes)) {
      if (key === 'path' || key === 'linkpath' || key === 'size') pending.set(key, value);
      if (key.startsWith('GNU.sparse.')) pending.set('sparse', value);
    }
  }
  await reader.skip(padding(header.size));
}

function describe(
  header: TarHeader,
  pending: ReadonlyMap<string, string>,
  offset: number,
  size: number,
): ArchiveEntry | undefined {
  const path = pending.get('path') || header.name;
  const target = pending.get('linkpath') || header.linkName;
  if (path.length > archiveLimits.nameBytes || target.length > archiveLimits.nameBytes) {
    throw exceeded('a name that is far too long');
  }
  // No program writes an image's own files as sparse ones, and their stored bytes are not their content.
  const isFile = (header.type === '0' || header.type === '7') && !pending.has('sparse') && !path.endsWith('/');
  const isLink = header.type === '1' || header.type === '2';
  const name = isFile || isLink ? normalizePath(path) : undefined;
  if (name === undefined || name === '') return undefined;
  if (isFile) return { name, offset, size };
  return { name, offset, size: 0, link: { target: linkTarget(name, target, header.type === '2') } };
}

/** Links, folders and devices have no data, whatever their size says. */
function dataSize(header: TarHeader, pending: ReadonlyMap<string, string>): number {
  if (/[1-6]/.test(header.type)) return 0;
  const text = pending.get('size') || undefined;
  if (text !== undefined && !/^[0-9]{1,15}$/.test(text)) throw malformed();
  const size = text === undefined ? header.size : Number(text);
  if (!(size >= 0)) throw malformed();
  return size;
}

async function readWhole(reader: ByteReader, size: number): Promise<Buffer> {
  const bytes = await reader.read(size);
  if (bytes.length < size) throw truncated();
  return bytes;
}

function padding(size: number): number {
  return (blockSize - (size % blockSize)) % blockSize;
}

function truncated(): CodecError {
  return new CodecError('TRUNCATED', 'it ends too early');
}

function malformed(): CodecError {
  return new CodecError('MALFORMED', 'it has a header that breaks the format');
}

function exceeded(what: string): CodecError {
  return new CodecError('LIMIT_EXCEEDED', `it has ${what}`);
}
