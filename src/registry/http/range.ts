import type { ByteRange } from '../../store/blob/blob-store.ts';

/**
 * Reads a `Range` header for content of a size (RFC 9110, 14.1.2 and 14.2).
 *
 * @returns the range, `undefined` when the whole is to be sent, or `unsatisfiable`. Several ranges at once are answered with
 * the whole, as RFC 9110 allows: no client of a registry asks for them, and they multiply work.
 */
export function parseRange(header: string | undefined, size: number): ByteRange | undefined | 'unsatisfiable' {
  if (header === undefined) return undefined;
  const match = /^bytes=[ \t]*(\d{0,16})-(\d{0,16})[ \t]*$/.exec(header);
  if (match === null) return undefined;
  const [, first = '', last = ''] = match;
  if (first === '' && last === '') return undefined;
  if (first === '') {
    const length = Number(last);
    if (length === 0 || size === 0) return 'unsatisfiable';
    return { start: Math.max(0, size - length), end: size - 1 };
  }
  const start = Number(first);
  const end = last === '' ? size - 1 : Math.min(Number(last), size - 1);
  return start >= size || end < start ? 'unsatisfiable' : { start, end };
}

/**
 * Reads the `Content-Range` of a chunk: `start-end`, both included, without a unit (distribution-spec, "Pushing a blob in
 * chunks"); `bytes start-end/size` is what HTTP clients write. Undefined when it is neither.
 */
export function parseContentRange(header: string): ByteRange | undefined {
  const match = /^(?:bytes[ =])?(\d{1,16})-(\d{1,16})(?:\/(?:\d{1,16}|\*))?$/.exec(header.trim());
  if (match === null) return undefined;
  const range = { start: Number(match[1]), end: Number(match[2]) };
  return range.end < range.start ? undefined : range;
}
