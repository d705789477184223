import { readSize } from './fields.ts';

/** Where an archive's central directory lies in the bytes. */
export interface CentralDirectory {
  readonly start: number;
  readonly end: number;
  /** Entries as announced; archives made by old tools keep only the low 16 bits. */
  readonly entries: number;
  /** What stands before the archive and is not counted in its offsets: the script of a self-running archive. */
  readonly prefix: number;
}

const endSize = 22;
const locatorSignature = 0x07064b50;
const locatorSize = 20;
const end64Signature = 0x06064b50;
const end64Size = 56;
const headerSignature = 0x02014b50;
const longestComment = 0xff_ff;

/** Signature of the end record, to search for. */
const endMagic = Buffer.from('PK\u0005\u0006', 'latin1');

/**
 * Finds the central directory (APPNOTE.TXT 4.3.16, zip64: 4.3.14 and 4.3.15). A comment may follow the end record, and
 * so may junk; the last record whose directory is where it says wins, one that lists nothing only without another: a
 * comment may hold one to hide the entries.
 *
 * @returns undefined when no end record is there: the bytes are no zip archive, or its end is cut off
 */
export function findCentralDirectory(bytes: Buffer): CentralDirectory | undefined {
  const lowest = Math.max(0, bytes.length - endSize - longestComment);
  const tail = bytes.subarray(lowest);
  let empty: CentralDirectory | undefined;
  for (let at = tail.lastIndexOf(endMagic); at !== -1; at = at === 0 ? -1 : tail.lastIndexOf(endMagic, at - 1)) {
    const directory = at + endSize <= tail.length ? readEnd(bytes, lowest + at) : undefined;
    if (directory === undefined) continue;
    if (directory.start < directory.end) return directory;
    empty ??= directory;
  }
  return empty;
}

function readEnd(bytes: Buffer, at: number): CentralDirectory | undefined {
  if (at + endSize + bytes.readUInt16LE(at + 20) > bytes.length) return undefined;
  const entries = bytes.readUInt16LE(at + 10);
  const size = bytes.readUInt32LE(at + 12);
  const offset = bytes.readUInt32LE(at + 16);
  if (entries === 0xff_ff || size === 0xffff_ffff || offset === 0xffff_ffff) {
    const large = readEnd64(bytes, at);
    if (large !== undefined) return large;
  }
  return locate(bytes, at, size, offset, entries);
}

/** The zip64 end record: where its locator says, or, behind a prefix, directly before the locator. */
function readEnd64(bytes: Buffer, end: number): CentralDirectory | undefined {
  const locator = end - locatorSize;
  if (locator < 0 || bytes.readUInt32LE(locator) !== locatorSignature) return undefined;
  const stated = readSize(bytes, locator + 8);
  for (const at of [stated, locator - end64Size]) {
    if (at < 0 || at + end64Size > locator || bytes.readUInt32LE(at) !== end64Signature) continue;
    const entries = readSize(bytes, at + 32);
    return locate(bytes, at, readSize(bytes, at + 40), readSize(bytes, at + 48), entries);
  }
  return undefined;
}

/** The directory ends at the end record; what its stated offset is short of that is the prefix. */
function locate(
  bytes: Buffer,
  end: number,
  size: number,
  offset: number,
  entries: number,
): CentralDirectory | undefined {
  const start = end - size;
  if (size > end) return undefined;
  if (entries === 0 && size === 0) return { start: end, end, entries, prefix: Math.max(0, end - offset) };
  if (startsDirectory(bytes, start, end) && start >= offset) return { start, end, entries, prefix: start - offset };
  // Something stands between directory and end record, such as a signature.
  if (offset + size <= end && startsDirectory(bytes, offset, end)) {
    return { start: offset, end: offset + size, entries, prefix: 0 };
  }
  return undefined;
}

function startsDirectory(bytes: Buffer, at: number, end: number): boolean {
  return at + 4 <= end && bytes.readUInt32LE(at) === headerSignature;
}
