import { comparePadded, isDotted } from './dotted.ts';
import { invalidVersion } from './error.ts';
import { isNull, mavenTokens, tokenKind, wordRank, type MavenToken } from './maven-token.ts';
import { matchesGrammar, type VersionScheme } from './scheme.ts';
import { compareNumbers, compareTexts } from './text.ts';

/** Maven reads any text as a version; refused is only what cannot stand in a file name or is an unresolved property. */
const grammar = /^[^\s\u0000-\u001f\u007f\\/:"<>|?*[\](){}$,]+$/;

function isValid(text: string): boolean {
  return matchesGrammar(text, grammar);
}

function compareTokens(a: MavenToken, b: MavenToken): number {
  if (a.kind !== b.kind) return a.kind - b.kind;
  if (a.kind >= tokenKind.dashNumber) return compareNumbers(a.text, b.text);
  if (a.rank !== b.rank) return a.rank - b.rank;
  return a.rank === wordRank.other ? compareTexts(a.text, b.text) : 0;
}

/** Orders a piece against nothing, where the other version has ended. */
function compareWithEnd(token: MavenToken): number {
  if (isNull(token)) return 0;
  return token.kind < tokenKind.dashNumber && token.rank < wordRank.release ? -1 : 1;
}

function compareAt(a: MavenToken | undefined, b: MavenToken | undefined): number {
  if (a === undefined) return b === undefined ? 0 : 0 - compareWithEnd(b);
  return b === undefined ? compareWithEnd(a) : compareTokens(a, b);
}

function compare(a: string, b: string): number {
  if (!isValid(a)) throw invalidVersion('maven', a);
  if (!isValid(b)) throw invalidVersion('maven', b);
  if (isDotted(a) && isDotted(b)) return comparePadded(a, b);
  const aTokens = mavenTokens(a);
  const bTokens = mavenTokens(b);
  const length = Math.max(aTokens.length, bTokens.length);
  for (let index = 0; index < length; index += 1) {
    const order = compareAt(aTokens[index], bTokens[index]);
    if (order !== 0) return order;
  }
  return 0;
}

/**
 * Java's packages (Maven, POM reference, "Version Order Specification"; where releases of Maven differ, as 3.8 has it).
 *
 * Maven's order goes in circles once a word stands first or behind a dot: `2.9.0` < `2.9.0-1` < `2.9.0.RC1` < `2.9.0`, and `1.x` <
 * `1-rc` < `1` < `1.x`. Any two versions still get the answer that Maven gives for those two; without such words the order
 * is total.
 */
export const maven: VersionScheme = { id: 'maven', compare, isValid };
