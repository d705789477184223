import { compareDigits, compareSpans, endOfDigits } from './text.ts';

const dash = 0x2d;
const dot = 0x2e;
const plus = 0x2b;

/** Where dialects of Semantic Versioning differ. */
export interface SemverDialect {
  /** Labels differing only in case are the same (NuGet). */
  readonly foldCase: boolean;
  /** What follows `+` counts too, after everything else; nothing there is lower than something (Pub, Julia). */
  readonly orderBuild: boolean;
}

function startOf(text: string): number {
  const code = text.charCodeAt(0);
  return code === 0x76 || code === 0x56 || code === 0x3d ? 1 : 0;
}

function foldedCode(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return code >= 0x41 && code <= 0x5a ? code + 0x20 : code;
}

function compareFolded(a: string, aFrom: number, aEnd: number, b: string, bFrom: number, bEnd: number): number {
  const length = Math.min(aEnd - aFrom, bEnd - bFrom);
  for (let at = 0; at < length; at += 1) {
    const order = foldedCode(a, aFrom + at) - foldedCode(b, bFrom + at);
    if (order !== 0) return order;
  }
  return aEnd - aFrom - (bEnd - bFrom);
}

function endOfIdentifier(text: string, from: number, end: number): number {
  let at = from;
  while (at < end && text.charCodeAt(at) !== dot) at += 1;
  return at;
}

/** Lists of identifiers: numbers by value and below words, words by character code, the shorter list lower (clause 11.4). */
function compareIdentifiers(
  a: string,
  aFrom: number,
  aEnd: number,
  b: string,
  bFrom: number,
  bEnd: number,
  foldCase: boolean,
): number {
  let i = aFrom;
  let j = bFrom;
  while (i < aEnd && j < bEnd) {
    const iEnd = endOfIdentifier(a, i, aEnd);
    const jEnd = endOfIdentifier(b, j, bEnd);
    const aNumeric = endOfDigits(a, i, iEnd) === iEnd;
    const bNumeric = endOfDigits(b, j, jEnd) === jEnd;
    if (aNumeric !== bNumeric) return aNumeric ? -1 : 1;
    const compareWords = foldCase ? compareFolded : compareSpans;
    const order = aNumeric ? compareDigits(a, i, iEnd, b, j, jEnd) : compareWords(a, i, iEnd, b, j, jEnd);
    if (order !== 0) return order;
    i = iEnd + 1;
    j = jEnd + 1;
  }
  return Number(i < aEnd) - Number(j < bEnd);
}

/**
 * Orders two versions by Semantic Versioning 2.0.0 clause 11, widened by what registries and advisories write: a leading
 * `v` or `=`, and any number of components, where absent ones are 0. Both texts must be of that form.
 */
export function compareSemver(a: string, b: string, dialect: SemverDialect): number {
  let i = startOf(a);
  let j = startOf(b);
  for (;;) {
    const iEnd = endOfDigits(a, i, a.length);
    const jEnd = endOfDigits(b, j, b.length);
    const order = compareDigits(a, i, iEnd, b, j, jEnd);
    if (order !== 0) return order;
    const aGoesOn = a.charCodeAt(iEnd) === dot;
    const bGoesOn = b.charCodeAt(jEnd) === dot;
    // A component that is not there stays an empty run, which reads as 0.
    i = aGoesOn ? iEnd + 1 : iEnd;
    j = bGoesOn ? jEnd + 1 : jEnd;
    if (!aGoesOn && !bGoesOn) break;
  }
  const aPreRelease = a.charCodeAt(i) === dash;
  const bPreRelease = b.charCodeAt(j) === dash;
  if (aPreRelease !== bPreRelease) return aPreRelease ? -1 : 1;
  const aBuild = buildStart(a, i);
  const bBuild = buildStart(b, j);
  if (aPreRelease) {
    const order = compareIdentifiers(a, i + 1, aBuild, b, j + 1, bBuild, dialect.foldCase);
    if (order !== 0) return order;
  }
  if (!dialect.orderBuild) return 0;
  return compareIdentifiers(a, aBuild + 1, a.length, b, bBuild + 1, b.length, dialect.foldCase);
}

function buildStart(text: string, from: number): number {
  let at = from;
  while (at < text.length && text.charCodeAt(at) !== plus) at += 1;
  return at;
}
