import { comparePadded, isDotted } from './dotted.ts';
import { invalidVersion } from './error.ts';
import { matchesGrammar, type VersionScheme } from './scheme.ts';
import { compareNumbers, compareTexts, isDigit } from './text.ts';

const grammar = /^(?=[!-~]*\d)[0-9A-Za-z][!-~]*$/;
const piece = /\d+|[a-z]+/g;
const leadingV = /^v(?=\d)/i;
const zeros = /^0+$/;

/** Words of versions that come before their release, by the order in which projects use them. */
const preReleases: ReadonlyMap<string, number> = new Map([
  ['dev', -6],
  ['nightly', -6],
  ['canary', -6],
  ['snapshot', -6],
  ['alpha', -5],
  ['beta', -4],
  ['milestone', -3],
  ['pre', -2],
  ['preview', -2],
  ['rc', -1],
  ['cr', -1],
]);

/** Rank of the end of the text among {@link rankOf}'s. */
const endRank = 0;
const wordRank = 1;
const numberRank = 2;

function isValid(text: string): boolean {
  return matchesGrammar(text, grammar);
}

function isNumber(segment: string): boolean {
  return isDigit(segment.charCodeAt(0));
}

function rankOf(segment: string | undefined): number {
  if (segment === undefined) return endRank;
  return isNumber(segment) ? numberRank : (preReleases.get(segment) ?? wordRank);
}

function dropTrailingZeros(segments: string[]): void {
  while (segments.length > 0 && zeros.test(segments.at(-1) as string)) segments.pop();
}

/** Numbers and words in turn, without the zeros that stand before a word or the end. */
function segmentsOf(text: string): readonly string[] {
  const segments: string[] = [];
  for (const found of text.replace(leadingV, '').toLowerCase().match(piece) ?? []) {
    if (!isNumber(found)) dropTrailingZeros(segments);
    segments.push(found);
  }
  dropTrailingZeros(segments);
  return segments;
}

function compareSegments(a: string | undefined, b: string | undefined): number {
  const rank = rankOf(a);
  if (rank !== rankOf(b)) return rank - rankOf(b);
  if (a === undefined || b === undefined || rank < endRank) return 0;
  return rank === numberRank ? compareNumbers(a, b) : compareTexts(a, b);
}

function compare(a: string, b: string): number {
  if (!isValid(a)) throw invalidVersion('generic', a);
  if (!isValid(b)) throw invalidVersion('generic', b);
  if (isDotted(a) && isDotted(b)) return comparePadded(a, b);
  const aSegments = segmentsOf(a);
  const bSegments = segmentsOf(b);
  const length = Math.max(aSegments.length, bSegments.length);
  for (let index = 0; index < length; index += 1) {
    const order = compareSegments(aSegments[index], bSegments[index]);
    if (order !== 0) return order;
  }
  return 0;
}

/**
 * For software without rules of its own: numbers by value, known pre-release words below the release, any other word
 * above it (`1.0.2` < `1.0.2k` < `1.0.2.1`), every separator alike, trailing zeros without meaning.
 */
export const generic: VersionScheme = { id: 'generic', compare, isValid };
