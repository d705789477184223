import { invalidVersion } from './error.ts';
import { matchesGrammar, type VersionScheme } from './scheme.ts';
import { compareDigits, endOfDigits, isDigit, isLetter } from './text.ts';

const grammar =
  /^(?:\d{1,9}:[A-Za-z0-9.+~](?:[A-Za-z0-9.+~:-]*[A-Za-z0-9.+~:])?|[A-Za-z0-9.+~](?:[A-Za-z0-9.+~-]*[A-Za-z0-9.+~])?)$/;
const tilde = 0x7e;

/** The three parts of a Debian version. */
export interface DebVersion {
  /** 0 when none is written. */
  readonly epoch: number;
  readonly upstream: string;
  /** Absent for native packages; orders as `0`. */
  readonly revision?: string;
}

function isValid(text: string): boolean {
  return matchesGrammar(text, grammar);
}

/**
 * Splits `epoch:upstream-revision` (deb-version(7)): the first colon ends the epoch, the last dash starts the revision.
 *
 * @throws VersionError VERSION_INVALID
 */
export function splitDebVersion(text: string): DebVersion {
  if (!isValid(text)) throw invalidVersion('deb', text);
  const start = upstreamStart(text);
  const end = upstreamEnd(text);
  const epoch = start === 0 ? 0 : Number(text.slice(0, start - 1));
  const upstream = text.slice(start, end);
  return end === text.length ? { epoch, upstream } : { epoch, upstream, revision: text.slice(end + 1) };
}

function upstreamStart(text: string): number {
  return text.indexOf(':') + 1;
}

function upstreamEnd(text: string): number {
  const dash = text.lastIndexOf('-');
  return dash < 0 ? text.length : dash;
}

/** `~` before the end, the end before letters, letters before the rest; digits rank as the end, since a number follows. */
function rank(text: string, at: number, end: number): number {
  if (at >= end) return 0;
  const code = text.charCodeAt(at);
  if (isDigit(code)) return 0;
  if (isLetter(code)) return code;
  return code === tilde ? -1 : code + 256;
}

/** Orders one part: runs of other characters and of digits in turn (deb-version(7), "Sorting algorithm"). */
function comparePart(a: string, aFrom: number, aEnd: number, b: string, bFrom: number, bEnd: number): number {
  let i = aFrom;
  let j = bFrom;
  while (i < aEnd || j < bEnd) {
    while ((i < aEnd && !isDigit(a.charCodeAt(i))) || (j < bEnd && !isDigit(b.charCodeAt(j)))) {
      const order = rank(a, i, aEnd) - rank(b, j, bEnd);
      if (order !== 0) return order;
      i += 1;
      j += 1;
    }
    const iEnd = endOfDigits(a, i, aEnd);
    const jEnd = endOfDigits(b, j, bEnd);
    const order = compareDigits(a, i, iEnd, b, j, jEnd);
    if (order !== 0) return order;
    i = iEnd;
    j = jEnd;
  }
  return 0;
}

function compare(a: string, b: string): number {
  if (!isValid(a)) throw invalidVersion('deb', a);
  if (!isValid(b)) throw invalidVersion('deb', b);
  const aStart = upstreamStart(a);
  const bStart = upstreamStart(b);
  const byEpoch = compareDigits(a, 0, Math.max(0, aStart - 1), b, 0, Math.max(0, bStart - 1));
  if (byEpoch !== 0) return byEpoch;
  const aEnd = upstreamEnd(a);
  const bEnd = upstreamEnd(b);
  const byUpstream = comparePart(a, aStart, aEnd, b, bStart, bEnd);
  // An absent revision is an empty part here, and that orders as `0`.
  return byUpstream === 0 ? comparePart(a, aEnd + 1, a.length, b, bEnd + 1, b.length) : byUpstream;
}

/** Debian packages: epoch, upstream version, revision (deb-version(7)). */
export const deb: VersionScheme = { id: 'deb', compare, isValid };
