import { endOfDigits, isDigit, isLetter } from './text.ts';

/**
 * Kinds of pieces of an apk version, lowest first: where two versions part, the one whose next piece is of the lower kind
 * is lower, so `1_rc1` < `1` < `1-r0` < `1_p1` < `1a` < `1.1` (apk-tools, `version.c`).
 */
export const tokenKind = {
  /** `_alpha`, `_beta`, `_pre`, `_rc`. */
  preSuffix: 0,
  /** The rest of the text is outside the grammar. */
  malformed: 1,
  end: 2,
  /** `-r` and a number. */
  revision: 3,
  /** `~` and a commit hash. */
  hash: 4,
  suffixNumber: 5,
  /** `_cvs`, `_svn`, `_git`, `_hg`, `_p`. */
  postSuffix: 6,
  /** A dot without a number: outside the grammar, but apk reads on. */
  emptyNumber: 7,
  letter: 8,
  number: 9,
} as const;

type TokenKind = (typeof tokenKind)[keyof typeof tokenKind];

const preSuffixes = ['alpha', 'beta', 'pre', 'rc'] as const;
const postSuffixes = ['cvs', 'svn', 'git', 'hg', 'p'] as const;

const dot = 0x2e;
const underscore = 0x5f;
const tilde = 0x7e;
const dash = 0x2d;

/** A token without an object to hold it: its kind in the low four bits, where it ends in the others. */
function pack(kind: TokenKind, end: number): number {
  return end * 16 + kind;
}

/** The kind of a packed token. */
export function kindOf(token: number): number {
  return token & 15;
}

/** Where a packed token ends. */
export function endOf(token: number): number {
  return token >> 4;
}

/** Place of the suffix at `at` (after its underscore) in the order of its kind; -1 when it is none of them. */
function suffixIndex(text: string, at: number, suffixes: readonly string[]): number {
  for (let index = 0; index < suffixes.length; index += 1) {
    if (text.startsWith(suffixes[index] as string, at)) return index;
  }
  return -1;
}

/** Place of a suffix token that starts at `at` among those of its kind. */
export function suffixOrder(text: string, at: number, kind: number): number {
  return suffixIndex(text, at + 1, kind === tokenKind.preSuffix ? preSuffixes : postSuffixes);
}

function suffixAt(text: string, at: number): number {
  const pre = suffixIndex(text, at + 1, preSuffixes);
  if (pre >= 0) return pack(tokenKind.preSuffix, at + 1 + (preSuffixes[pre] as string).length);
  const post = suffixIndex(text, at + 1, postSuffixes);
  if (post >= 0) return pack(tokenKind.postSuffix, at + 1 + (postSuffixes[post] as string).length);
  return pack(tokenKind.malformed, text.length);
}

function isHex(code: number): boolean {
  return isDigit(code) || (code >= 0x61 && code <= 0x66);
}

/** The token of `text` at `at`, which comes after a token of kind `previous`. */
export function tokenAt(text: string, at: number, previous: number): number {
  if (at >= text.length) return pack(tokenKind.end, at);
  const code = text.charCodeAt(at);
  const inNumbers = previous === tokenKind.number || previous === tokenKind.emptyNumber;
  if (code === dot && inNumbers) {
    const end = endOfDigits(text, at + 1, text.length);
    return pack(end === at + 1 ? tokenKind.emptyNumber : tokenKind.number, end);
  }
  if (isDigit(code)) {
    const end = endOfDigits(text, at, text.length);
    if (previous === tokenKind.letter) return pack(tokenKind.number, end);
    if (previous === tokenKind.preSuffix || previous === tokenKind.postSuffix) return pack(tokenKind.suffixNumber, end);
  }
  if (isLetter(code) && inNumbers) return pack(tokenKind.letter, at + 1);
  if (code === underscore && previous !== tokenKind.revision && previous !== tokenKind.hash) return suffixAt(text, at);
  if (code === tilde && previous !== tokenKind.revision && previous !== tokenKind.hash) {
    let end = at + 1;
    while (isHex(text.charCodeAt(end))) end += 1;
    if (end > at + 1) return pack(tokenKind.hash, end);
  }
  if (code === dash && text.charCodeAt(at + 1) === 0x72 && previous !== tokenKind.revision) {
    const end = endOfDigits(text, at + 2, text.length);
    if (!isLetter(text.charCodeAt(end))) return pack(tokenKind.revision, end);
  }
  return pack(tokenKind.malformed, text.length);
}
