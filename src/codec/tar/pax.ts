import { CodecError } from '../error.ts';
import { decodeName } from './name.ts';

/**
 * Reads the records of a PAX extended header: `length key=value\n` (POSIX pax, "pax Extended Header").
 *
 * GNU's sparse format 0.0 repeats keys, so the records stay a list.
 *
 * @throws CodecError MALFORMED
 */
export function parsePaxRecords(bytes: Buffer): readonly (readonly [string, string])[] {
  const records: [string, string][] = [];
  let at = 0;
  while (at < bytes.length && bytes[at] !== 0) {
    const space = bytes.indexOf(0x20, at);
    const digits = space < 0 || space - at > 10 ? '' : bytes.toString('latin1', at, space);
    const length = /^[0-9]+$/.test(digits) ? Number(digits) : 0;
    const end = at + length;
    if (space < 0 || end <= space + 1 || end > bytes.length || bytes[end - 1] !== 0x0a) throw malformed();
    const equals = bytes.indexOf(0x3d, space + 1);
    if (equals < 0 || equals >= end) throw malformed();
    records.push([bytes.toString('utf8', space + 1, equals), decodeName(bytes.subarray(equals + 1, end - 1))]);
    at = end;
  }
  return records;
}

function malformed(): CodecError {
  return new CodecError('MALFORMED', 'A PAX header in a tar breaks its format; the archive is damaged');
}
