import { invalidVersion } from './error.ts';
import { matchesGrammar, type VersionScheme } from './scheme.ts';
import { compareDigits, endOfDigits, isDigit } from './text.ts';

const grammar = /^(?:[vV]?\d[0-9A-Za-z.+_-]*|dev-[!-~]+)$/;
const orderable = /^[!-~]+$/;

/** Ranks of pieces (PHP, `version_compare`): the end of the text counts as a piece below every number. */
const rank = {
  unknown: 0,
  dev: 1,
  alpha: 2,
  beta: 3,
  rc: 4,
  end: 5,
  number: 6,
  /** The `x` of a branch such as `2.1.x-dev`, which Composer puts after every release of that branch. */
  wildcard: 7,
  patch: 8,
  placeholder: 9,
} as const;

/** Words by how they begin, in the case that PHP wants. */
const words: readonly (readonly [string, number])[] = [
  ['dev', rank.dev],
  ['a', rank.alpha],
  ['b', rank.beta],
  ['RC', rank.rc],
  ['rc', rank.rc],
  ['#', rank.placeholder],
  ['p', rank.patch],
];

function isValid(text: string): boolean {
  return matchesGrammar(text, grammar);
}

function isSeparator(code: number): boolean {
  return code === 0x2e || code === 0x2d || code === 0x5f || code === 0x2b;
}

function isUnit(code: number): boolean {
  return !Number.isNaN(code) && !isSeparator(code) && !isDigit(code);
}

function start(text: string): number {
  return (text.charCodeAt(0) | 0x20) === 0x76 && isDigit(text.charCodeAt(1)) ? 1 : 0;
}

function skipSeparators(text: string, from: number): number {
  let at = from;
  while (isSeparator(text.charCodeAt(at))) at += 1;
  return at;
}

function rankAt(text: string, at: number): number {
  if (at >= text.length) return rank.end;
  if (isDigit(text.charCodeAt(at))) return rank.number;
  for (const [word, found] of words) {
    if (text.startsWith(word, at)) return found;
  }
  return isWildcard(text, at) ? rank.wildcard : rank.unknown;
}

function isWildcard(text: string, at: number): boolean {
  return (text.charCodeAt(at) | 0x20) === 0x78 && !isUnit(text.charCodeAt(at + 1)) && !isDigit(text.charCodeAt(at + 1));
}

function endOfPiece(text: string, at: number, pieceRank: number): number {
  if (pieceRank === rank.number) return endOfDigits(text, at, text.length);
  let end = at;
  while (isUnit(text.charCodeAt(end))) end += 1;
  return end;
}

/** PHP's `#` stands for any number and for the end, so it parts two texts only where a word stands. */
function withPlaceholder(found: number, other: number): number {
  if (found !== rank.placeholder) return found;
  return other === rank.number || other === rank.placeholder ? other : rank.end;
}

function compare(a: string, b: string): number {
  if (!matchesGrammar(a, orderable)) throw invalidVersion('composer', a);
  if (!matchesGrammar(b, orderable)) throw invalidVersion('composer', b);
  let i = skipSeparators(a, start(a));
  let j = skipSeparators(b, start(b));
  while (i < a.length || j < b.length) {
    const aFound = rankAt(a, i);
    const bFound = rankAt(b, j);
    const order = withPlaceholder(aFound, bFound) - withPlaceholder(bFound, aFound);
    if (order !== 0) return order;
    const iEnd = endOfPiece(a, i, aFound);
    const jEnd = endOfPiece(b, j, bFound);
    if (aFound === rank.number && bFound === rank.number) {
      const byNumber = compareDigits(a, i, iEnd, b, j, jEnd);
      if (byNumber !== 0) return byNumber;
    }
    i = skipSeparators(a, iEnd);
    j = skipSeparators(b, jEnd);
  }
  return 0;
}

/**
 * PHP's packages: numbers and words in turn, any other word < dev < alpha < beta < RC < the end < a number < patch
 * (php.net, `version_compare`); branches (`dev-main`) are below every number.
 *
 * `compare` also reads `#`, which PHP's function has as a placeholder and no package's version contains.
 */
export const composer: VersionScheme = { id: 'composer', compare, isValid };
