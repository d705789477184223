import { CodecError } from '../error.ts';
import { rpmDatabaseLimits } from './limits.ts';

/** A header: the tags of one package. Values are decoded when asked for, so unused ones (file digests) cost nothing. */
export interface RpmHeader {
  /** The tags that are there. */
  readonly tags: Iterable<number>;
  /** A string, or the first of several; undefined when the tag is absent or holds something else. */
  string(tag: number): string | undefined;
  /** Strings of an array or of translations (the untranslated comes first); empty when absent. */
  strings(tag: number): readonly string[];
  /** The first of a tag's integers. */
  number(tag: number): number | undefined;
  /** Integers of 8, 16 and 32 bits, unsigned; empty when absent. */
  numbers(tag: number): Uint32Array;
  /** Raw bytes, not copied. */
  bytes(tag: number): Buffer | undefined;
}

/** Value types (rpm, include/rpm/rpmtag.h). */
const int8 = 2;
const int16 = 3;
const int32 = 4;
const text = 6;
const binary = 7;
const textArray = 8;
const i18nText = 9;

/** Bytes per element of the types 0 to 9; text is measured by its terminators. */
const elementSizes: readonly number[] = [0, 1, 1, 2, 4, 8, 0, 1, 0, 0];

interface Entry {
  readonly type: number;
  readonly offset: number;
  readonly count: number;
}

/**
 * Reads the index of a header blob (rpm, docs/manual/format_header.md): a count of entries and of data bytes, the
 * entries (tag, type, offset, count), then the data.
 *
 * Entries of an immutable region come first; those after it (dribbles, added when the package was installed) replace
 * entries of the same tag. The region's own tags, 61 to 63, only mark it and are left out.
 *
 * @throws CodecError when the blob is cut off or passes rpm's limits
 */
export function parseRpmHeader(blob: Buffer): RpmHeader {
  if (blob.length < 8) throw new CodecError('TRUNCATED', 'A package header ends before its index.');
  const count = blob.readUInt32BE(0);
  const dataLength = blob.readUInt32BE(4);
  if (count > rpmDatabaseLimits.headerEntries || dataLength > rpmDatabaseLimits.headerBytes) {
    throw new CodecError('LIMIT_EXCEEDED', 'A package header states more than rpm allows.');
  }
  const dataStart = 8 + count * 16;
  if (dataStart + dataLength > blob.length) throw new CodecError('TRUNCATED', 'A package header is cut off.');
  const data = blob.subarray(dataStart, dataStart + dataLength);

  const entries = new Map<number, Entry>();
  for (let at = 8; at < dataStart; at += 16) {
    const tag = blob.readUInt32BE(at);
    const type = blob.readUInt32BE(at + 4);
    if (tag >= 61 && tag <= 63) continue;
    entries.set(tag, { type, offset: blob.readInt32BE(at + 8), count: blob.readUInt32BE(at + 12) });
  }
  return {
    tags: entries.keys(),
    string: (tag) => readStrings(data, entries.get(tag), 1)[0],
    strings: (tag) => readStrings(data, entries.get(tag), Infinity),
    number: (tag) => readNumbers(data, entries.get(tag), 1)[0],
    numbers: (tag) => readNumbers(data, entries.get(tag), Infinity),
    bytes: (tag) => {
      const entry = entries.get(tag);
      return entry?.type === binary ? rangeOf(data, entry, entry.count) : undefined;
    },
  };
}

function rangeOf(data: Buffer, entry: Entry, count: number): Buffer {
  const length = count * (elementSizes[entry.type] ?? 0);
  if (entry.offset < 0 || entry.offset + length > data.length) throw brokenEntry();
  return data.subarray(entry.offset, entry.offset + length);
}

function readStrings(data: Buffer, entry: Entry | undefined, limit: number): string[] {
  if (entry === undefined) return [];
  if (entry.type !== text && entry.type !== textArray && entry.type !== i18nText) return [];
  if (entry.offset < 0) throw brokenEntry();
  const wanted = Math.min(limit, entry.type === text ? 1 : entry.count);
  if (wanted > rpmDatabaseLimits.arrayLength) throw longArray();
  if (wanted === 0) return [];
  // The end of the last string first, so that one decoding serves all of them.
  let end = entry.offset;
  for (let left = wanted; ; end += 1) {
    if (end >= data.length) throw brokenEntry();
    if (data[end] !== 0) continue;
    left -= 1;
    if (left === 0) break;
  }
  return data.toString('utf8', entry.offset, end).split('\0');
}

function readNumbers(data: Buffer, entry: Entry | undefined, limit: number): Uint32Array {
  if (entry === undefined || entry.type < int8 || entry.type > int32) return new Uint32Array(0);
  const bytes = rangeOf(data, entry, entry.count);
  const values = new Uint32Array(Math.min(limit, entry.count));
  if (entry.type === int8) values.set(bytes.subarray(0, values.length));
  else if (entry.type === int16) for (let at = 0; at < values.length; at += 1) values[at] = bytes.readUInt16BE(at * 2);
  else for (let at = 0; at < values.length; at += 1) values[at] = bytes.readUInt32BE(at * 4);
  return values;
}

function brokenEntry(): CodecError {
  return new CodecError('MALFORMED', 'A tag of a package header points outside its data.');
}

function longArray(): CodecError {
  return new CodecError('LIMIT_EXCEEDED', 'A tag of a package header holds more values than any real package.');
}
