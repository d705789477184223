import { invalidVersion } from './error.ts';
import { matchesGrammar, type VersionScheme } from './scheme.ts';
import { compareDigits, compareSpans, endOfDigits, endOfLetters, isDigit, isLetter } from './text.ts';

/** rpm orders whatever it is given, so only the frame is checked: an epoch that fits, a version, nothing unprintable. */
const grammar = /^(?!(?:\d+:)?(?:-|$))(?!\d{10,}:)[^\s\u0000-\u001f\u007f]+$/;
const tilde = 0x7e;
const caret = 0x5e;
const colon = 0x3a;

/** The three parts of an rpm version. */
export interface RpmVersion {
  /** Absent when none is written; orders as 0. */
  readonly epoch?: number;
  readonly version: string;
  /** Absent when none is written; orders below every release, the empty one too. */
  readonly release?: string;
}

function isValid(text: string): boolean {
  return matchesGrammar(text, grammar);
}

/**
 * Splits `epoch:version-release` (rpm-version(7)): digits before a colon are the epoch, the last dash starts the release.
 *
 * @throws VersionError VERSION_INVALID
 */
export function parseRpmVersion(text: string): RpmVersion {
  if (!isValid(text)) throw invalidVersion('rpm', text);
  const start = versionStart(text);
  const end = versionEnd(text, start);
  return {
    ...(start === 0 ? {} : { epoch: Number(text.slice(0, start - 1)) }),
    version: text.slice(start, end),
    ...(end === text.length ? {} : { release: text.slice(end + 1) }),
  };
}

function versionStart(text: string): number {
  const end = endOfDigits(text, 0, text.length);
  return end > 0 && text.charCodeAt(end) === colon ? end + 1 : 0;
}

function versionEnd(text: string, start: number): number {
  const dash = text.lastIndexOf('-');
  return dash < start ? text.length : dash;
}

/** Skips what only separates segments; every such character means the same, and so do many in a row. */
function segmentStart(text: string, from: number, end: number): number {
  let at = from;
  while (at < end) {
    const code = text.charCodeAt(at);
    if (isDigit(code) || isLetter(code) || code === tilde || code === caret) break;
    at += 1;
  }
  return at;
}

/** Orders one part by segments (rpm, `rpmvercmp`): `~` below the end, `^` above the end but below any segment. */
function comparePart(a: string, aFrom: number, aEnd: number, b: string, bFrom: number, bEnd: number): number {
  let i = aFrom;
  let j = bFrom;
  for (;;) {
    i = segmentStart(a, i, aEnd);
    j = segmentStart(b, j, bEnd);
    const aCode = i < aEnd ? a.charCodeAt(i) : 0;
    const bCode = j < bEnd ? b.charCodeAt(j) : 0;
    if (aCode === tilde || bCode === tilde) {
      if (aCode !== bCode) return aCode === tilde ? -1 : 1;
      i += 1;
      j += 1;
      continue;
    }
    if (aCode === 0 || bCode === 0) return Number(aCode !== 0) - Number(bCode !== 0);
    if (aCode === caret || bCode === caret) {
      if (aCode !== bCode) return aCode === caret ? -1 : 1;
      i += 1;
      j += 1;
      continue;
    }
    const numeric = isDigit(aCode);
    if (numeric !== isDigit(bCode)) return numeric ? 1 : -1;
    const iEnd = numeric ? endOfDigits(a, i, aEnd) : endOfLetters(a, i, aEnd);
    const jEnd = numeric ? endOfDigits(b, j, bEnd) : endOfLetters(b, j, bEnd);
    const order = numeric ? compareDigits(a, i, iEnd, b, j, jEnd) : compareSpans(a, i, iEnd, b, j, jEnd);
    if (order !== 0) return order;
    i = iEnd;
    j = jEnd;
  }
}

function compare(a: string, b: string): number {
  if (!isValid(a)) throw invalidVersion('rpm', a);
  if (!isValid(b)) throw invalidVersion('rpm', b);
  const aStart = versionStart(a);
  const bStart = versionStart(b);
  const byEpoch = compareDigits(a, 0, Math.max(0, aStart - 1), b, 0, Math.max(0, bStart - 1));
  if (byEpoch !== 0) return byEpoch;
  const aEnd = versionEnd(a, aStart);
  const bEnd = versionEnd(b, bStart);
  const byVersion = comparePart(a, aStart, aEnd, b, bStart, bEnd);
  if (byVersion !== 0) return byVersion;
  const aReleased = aEnd < a.length;
  const bReleased = bEnd < b.length;
  if (!aReleased || !bReleased) return Number(aReleased) - Number(bReleased);
  return comparePart(a, aEnd + 1, a.length, b, bEnd + 1, b.length);
}

/** rpm packages: epoch (absent is 0), version, release (rpm-version(7)). */
export const rpm: VersionScheme = { id: 'rpm', compare, isValid };
