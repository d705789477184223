import { endOf, kindOf, suffixOrder, tokenAt, tokenKind } from './apk-token.ts';
import { invalidVersion } from './error.ts';
import { matchesGrammar, type VersionScheme } from './scheme.ts';
import { compareDigits, compareSpans, compareTexts, endOfDigits, isDigit } from './text.ts';

const grammar =
  /^\d+(?:\.\d+)*(?:[a-z]\d+(?:\.\d+)*)*[a-z]?(?:_(?:alpha|beta|pre|rc|cvs|svn|git|hg|p)\d*)*(?:~[0-9a-f]+)?(?:-r\d+)?$/;
const orderable = /^[!-~]+$/;
const zero = 0x30;
const dot = 0x2e;

function isValid(text: string): boolean {
  return matchesGrammar(text, grammar);
}

/** Orders two tokens of one kind. */
function compareTokens(kind: number, a: string, i: number, aEnd: number, b: string, j: number, bEnd: number): number {
  if (kind === tokenKind.number) {
    const aFrom = a.charCodeAt(i) === dot ? i + 1 : i;
    const bFrom = b.charCodeAt(j) === dot ? j + 1 : j;
    // After a dot, a leading zero makes the number a fraction: 1.02 < 1.1.
    const fraction = aFrom !== i && bFrom !== j && (a.charCodeAt(aFrom) === zero || b.charCodeAt(bFrom) === zero);
    return (fraction ? compareSpans : compareDigits)(a, aFrom, aEnd, b, bFrom, bEnd);
  }
  if (kind === tokenKind.suffixNumber) return compareDigits(a, i, aEnd, b, j, bEnd);
  if (kind === tokenKind.revision) return compareDigits(a, i + 2, aEnd, b, j + 2, bEnd);
  if (kind === tokenKind.letter || kind === tokenKind.hash) return compareSpans(a, i, aEnd, b, j, bEnd);
  if (kind === tokenKind.preSuffix || kind === tokenKind.postSuffix) {
    return suffixOrder(a, i, kind) - suffixOrder(b, j, kind);
  }
  return 0;
}

function compare(a: string, b: string): number {
  if (!matchesGrammar(a, orderable)) throw invalidVersion('apk', a);
  if (!matchesGrammar(b, orderable)) throw invalidVersion('apk', b);
  const aStarts = isDigit(a.charCodeAt(0));
  const bStarts = isDigit(b.charCodeAt(0));
  if (!aStarts || !bStarts) return aStarts === bStarts ? compareTexts(a, b) : Number(aStarts) - Number(bStarts);
  let i = endOfDigits(a, 0, a.length);
  let j = endOfDigits(b, 0, b.length);
  let kind: number = tokenKind.number;
  const byFirst = compareDigits(a, 0, i, b, 0, j);
  if (byFirst !== 0) return byFirst;
  for (;;) {
    const aToken = tokenAt(a, i, kind);
    const bToken = tokenAt(b, j, kind);
    kind = kindOf(aToken);
    if (kind !== kindOf(bToken)) return kind - kindOf(bToken);
    const order = compareTokens(kind, a, i, endOf(aToken), b, j, endOf(bToken));
    if (order !== 0 || kind === tokenKind.end || kind === tokenKind.malformed) return order;
    i = endOf(aToken);
    j = endOf(bToken);
  }
}

/**
 * Alpine's packages, and those of its kin: numbers, a letter, suffixes, a commit hash, a revision (apk-package(5)). A
 * number after the letter (`1.9.5p2`) is outside the text of that page, but apk-tools 2 and Alpine's packages have it.
 *
 * `compare` also orders malformed text as apk does, from the malformed place on lower than what ends there.
 */
export const apk: VersionScheme = { id: 'apk', compare, isValid };
