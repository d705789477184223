import { CodecError } from '../error.ts';
import { blockSize } from './header.ts';

/** One entry to be written, without its body. */
export interface WrittenTarEntry {
  /** Relative, without a slash at the end: `usr/bin/app`. */
  readonly path: string;
  readonly type: 'file' | 'directory' | 'symlink';
  /** Permission, set-id and sticky bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Seconds since 1970. */
  readonly mtime: number;
  /** Bytes of a file; 0 for all else. */
  readonly size: number;
  /** Where a symlink leads; empty for all else. */
  readonly linkName: string;
}

const typeFlags = { file: '0', symlink: '2', directory: '5' } as const;

/** The two zero blocks that end a tar (POSIX pax, "ustar Interchange Format"). */
export const tarEnd: Buffer = Buffer.alloc(2 * blockSize);

/**
 * The header of an entry, with a PAX record before it for what has no room in it (POSIX pax, "pax Extended Header"): names and links
 * that are long or not ASCII, large files, owners and times. The same entry gives the same bytes.
 *
 * @throws CodecError UNSUPPORTED for a text with a NUL, which no tar can hold
 */
export function encodeTarEntry(entry: WrittenTarEntry): Buffer {
  const path = entry.type === 'directory' ? `${entry.path}/` : entry.path;
  const { linkName, size, uid, gid, mtime } = entry;
  if (`${path}${linkName}`.includes('\0')) throw new CodecError('UNSUPPORTED', 'A name in a tar cannot hold a NUL');
  const records = [
    ...(mtime > largest(12) ? [record('mtime', String(mtime))] : []),
    ...(uid > largest(8) ? [record('uid', String(uid))] : []),
    ...(gid > largest(8) ? [record('gid', String(gid))] : []),
    ...(size > largest(12) ? [record('size', String(size))] : []),
    ...(fits(path) ? [] : [record('path', path)]),
    ...(fits(linkName) ? [] : [record('linkpath', linkName)]),
  ];
  const header = block({ ...entry, path, type: typeFlags[entry.type] });
  if (records.length === 0) return header;
  const body = Buffer.concat(records);
  const about = { path: 'PaxHeaders/entry', type: 'x', mode: 0o644, uid: 0, gid: 0, mtime: 0, linkName: '' } as const;
  return Buffer.concat([block({ ...about, size: body.length }), body, tarPadding(body.length), header]);
}

/** The zeros that fill the last block of a body. @param size of the body, in bytes */
export function tarPadding(size: number): Buffer {
  return Buffer.alloc((blockSize - (size % blockSize)) % blockSize);
}

/** A header has room for 100 bytes. Others are in PAX records, where all readers take them for UTF-8. */
function fits(text: string): boolean {
  return text.length <= 100 && /^[\x01-\x7f]*$/.test(text);
}

/** What fits into a field of so many bytes, in octal digits before a NUL. */
function largest(width: number): number {
  return 8 ** (width - 1) - 1;
}

function block(fields: Omit<WrittenTarEntry, 'type'> & { readonly type: string }): Buffer {
  const bytes = Buffer.alloc(blockSize);
  // What has a record may be cut off here, and where it is, in the middle of a character.
  bytes.set(Buffer.from(fields.path).subarray(0, 100), 0);
  putOctal(bytes, 100, 8, fields.mode);
  putOctal(bytes, 108, 8, fields.uid);
  putOctal(bytes, 116, 8, fields.gid);
  putOctal(bytes, 124, 12, fields.size);
  putOctal(bytes, 136, 12, fields.mtime);
  bytes.fill(0x20, 148, 156);
  bytes.write(fields.type, 156, 'latin1');
  bytes.set(Buffer.from(fields.linkName).subarray(0, 100), 157);
  bytes.write('ustar\x0000', 257, 'latin1');
  let sum = 0;
  for (const byte of bytes) sum += byte;
  bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return bytes;
}

/** A number that does not fit has a record, and is 0 here. */
function putOctal(bytes: Buffer, at: number, width: number, value: number): void {
  const digits = (value > largest(width) ? 0 : value).toString(8).padStart(width - 1, '0');
  bytes.write(`${digits}\0`, at, 'latin1');
}

/** `length key=value\n`; the length counts its own digits too. */
function record(key: string, value: string): Buffer {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let length = rest + 1;
  while (String(length).length + rest !== length) length = String(length).length + rest;
  return Buffer.from(`${length} ${key}=${value}\n`);
}
