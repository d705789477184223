import { isDigit } from './text.ts';

/** Kinds of pieces, lowest first: pieces of different kinds need no look at what they say. */
export const tokenKind = { dotWord: 0, dashWord: 1, dashNumber: 2, dotNumber: 3 } as const;

/** One piece of a Maven version with what stands before it; a change between digit and letter counts as a dash. */
export interface MavenToken {
  /** One of {@link tokenKind}. */
  readonly kind: number;
  /** Digits of a number, else the word. */
  readonly text: string;
  /** For words: their place among {@link wordRank}'s. */
  readonly rank: number;
}

/** Ranks of words, lowest first; others than these stand in alphabetical order (POM reference, "Version Order Specification"). */
export const wordRank = {
  alpha: 0,
  beta: 1,
  milestone: 2,
  rc: 3,
  snapshot: 4,
  /** `ga`, `final`, `release`: the same as nothing. */
  release: 5,
  sp: 6,
  other: 7,
} as const;

const ranks: ReadonlyMap<string, number> = new Map([
  ['alpha', wordRank.alpha],
  ['beta', wordRank.beta],
  ['milestone', wordRank.milestone],
  ['rc', wordRank.rc],
  ['cr', wordRank.rc],
  ['snapshot', wordRank.snapshot],
  ['ga', wordRank.release],
  ['final', wordRank.release],
  ['release', wordRank.release],
  ['sp', wordRank.sp],
]);

/** Short words that count only right before a digit. */
const shortRanks: ReadonlyMap<string, number> = new Map([
  ['a', wordRank.alpha],
  ['b', wordRank.beta],
  ['m', wordRank.milestone],
]);

const dot = 0x2e;
const dash = 0x2d;
const zeros = /^0*$/;

/** True for the pieces that say nothing: 0, `ga` and the like. */
export function isNull(token: MavenToken): boolean {
  if (token.kind >= tokenKind.dashNumber) return zeros.test(token.text);
  return token.rank === wordRank.release;
}

/**
 * The pieces of a version: split at dots, dashes and between digits and letters, an empty piece being 0, without the null
 * pieces that end it or stand before a dash.
 */
export function mavenTokens(version: string): readonly MavenToken[] {
  const text = version.toLowerCase();
  const tokens: MavenToken[] = [];
  let afterDash = false;
  let from = 0;
  for (let at = 0; at <= text.length; at += 1) {
    const code = text.charCodeAt(at);
    const separates = code === dot || code === dash || at === text.length;
    const turns = !separates && at > from && isDigit(code) !== isDigit(text.charCodeAt(at - 1));
    if (!separates && !turns) continue;
    if (afterDash) dropTrailingNulls(tokens);
    tokens.push(tokenOf(text.slice(from, at), afterDash, turns));
    afterDash = code === dash || turns;
    from = separates ? at + 1 : at;
  }
  dropTrailingNulls(tokens);
  return tokens;
}

function tokenOf(piece: string, afterDash: boolean, beforeDigit: boolean): MavenToken {
  if (piece === '' || isDigit(piece.charCodeAt(0))) {
    return { kind: afterDash ? tokenKind.dashNumber : tokenKind.dotNumber, text: piece, rank: 0 };
  }
  const rank = (beforeDigit ? shortRanks.get(piece) : undefined) ?? ranks.get(piece) ?? wordRank.other;
  return { kind: afterDash ? tokenKind.dashWord : tokenKind.dotWord, text: piece, rank };
}

function dropTrailingNulls(tokens: MavenToken[]): void {
  while (tokens.length > 0 && isNull(tokens.at(-1) as MavenToken)) tokens.pop();
}
