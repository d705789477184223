import { CodecError } from '../../codec/error.ts';
import { parseStrictJson } from '../../codec/json/parse.ts';
import { limits } from './limits.ts';
import { byTableName, checkMemberNames } from './member-names.ts';

const known = byTableName(['entries', 'version', 'tarSplitDigest']);

/**
 * Gives the objects of a table's list `entries` one by one, as the bytes that they are written in. A whole table as objects would take a
 * gigabyte.
 *
 * @throws CodecError MALFORMED for what is no such table, or might be another one to another reader; LIMIT_EXCEEDED
 */
export function* splitEntries(json: Buffer): Generator<Buffer> {
  let depth = 0;
  /** Of the last text on the first level: the name of what follows. */
  let name = { start: 0, end: 0 };
  let list = { start: -1, end: -1 };
  let start = -1;
  let count = 0;
  for (let at = 0; at < json.length; at += 1) {
    const byte = json[at] as number;
    const isInList = list.start >= 0 && list.end < 0;
    if (byte === quote) {
      if (isInList && depth === 2) throw noObject();
      const end = endOfText(json, at);
      if (depth === 1) name = { start: at, end };
      at = end;
    } else if (byte === openBrace || byte === openBracket) {
      depth += 1;
      if (depth > limits.depth) throw new CodecError('LIMIT_EXCEEDED', `it nests deeper than ${limits.depth} levels`);
      if (depth === 2 && byte === openBracket && list.start < 0 && isEntries(json, name)) {
        list = { start: at + 1, end: -1 };
      } else if (depth === 3 && isInList) {
        if (byte !== openBrace) throw noObject();
        start = at;
      }
    } else if (byte === closeBrace || byte === closeBracket) {
      if (isInList && depth === 3) {
        count += 1;
        if (count > limits.entries)
          throw new CodecError('LIMIT_EXCEEDED', `it has more than ${limits.entries} entries`);
        yield json.subarray(start, at + 1);
      } else if (isInList && depth === 2) list = { ...list, end: at };
      depth -= 1;
    } else if (isInList && depth === 2 && byte !== comma && !blanks.has(byte)) throw noObject();
  }
  checkFrame(json, list);
}

/** What is around the entries must be a table whose entries these are, to every reader. */
function checkFrame(json: Buffer, list: { readonly start: number; readonly end: number }): void {
  // Go writes a list of nothing as null.
  const frame = list.end < 0 ? json : Buffer.concat([json.subarray(0, list.start), json.subarray(list.end)]);
  if (frame.length > limits.frameBytes) {
    throw new CodecError('LIMIT_EXCEEDED', `it has more than ${limits.frameBytes} bytes around its entries`);
  }
  const table = parseStrictJson(frame, limits.depth);
  if (typeof table !== 'object' || table === null || Array.isArray(table)) {
    throw new CodecError('MALFORMED', 'it is no object');
  }
  const { entries = null, version = 1 } = table as Readonly<Record<string, unknown>>;
  checkMemberNames(table as Readonly<Record<string, unknown>>, frame, known);
  const isEmpty = list.end < 0 ? entries === null : Array.isArray(entries) && entries.length === 0;
  if (!isEmpty) throw new CodecError('MALFORMED', 'it has entries that some readers take for others');
  if (!Number.isSafeInteger(version)) throw new CodecError('MALFORMED', 'its version is no number');
}

function isEntries(json: Buffer, { start, end }: { readonly start: number; readonly end: number }): boolean {
  return end - start === 8 && json.toString('latin1', start, end + 1) === '"entries"';
}

/** The index of the closing quote. */
function endOfText(json: Buffer, start: number): number {
  for (let at = json.indexOf(quote, start + 1); at >= 0; at = json.indexOf(quote, at + 1)) {
    let escapes = 0;
    while (json[at - 1 - escapes] === backslash) escapes += 1;
    if (escapes % 2 === 0) return at;
  }
  throw new CodecError('MALFORMED', 'it ends in the middle of a text');
}

function noObject(): CodecError {
  return new CodecError('MALFORMED', 'an entry of it is no object');
}

const quote = 0x22;
const comma = 0x2c;
const openBracket = 0x5b;
const backslash = 0x5c;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const blanks: ReadonlySet<number> = new Set([0x20, 0x09, 0x0a, 0x0d]);
