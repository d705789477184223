import { compareNumberLists } from './dotted.ts';
import { invalidVersion } from './error.ts';
import { matchesGrammar, type VersionScheme } from './scheme.ts';

const grammar = /^\d+(?:\.\d+)*$/;

function isValid(text: string): boolean {
  return matchesGrammar(text, grammar);
}

function compare(a: string, b: string): number {
  if (!isValid(a)) throw invalidVersion('hackage', a);
  if (!isValid(b)) throw invalidVersion('hackage', b);
  return compareNumberLists(a, b);
}

/** Haskell packages: lists of numbers, `1.0` lower than `1.0.0` (Haskell Package Versioning Policy). */
export const hackage: VersionScheme = { id: 'hackage', compare, isValid };
