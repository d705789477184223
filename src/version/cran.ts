import { compareNumberLists } from './dotted.ts';
import { invalidVersion } from './error.ts';
import { matchesGrammar, type VersionScheme } from './scheme.ts';

const grammar = /^\d+(?:[.-]\d+)*$/;

function isValid(text: string): boolean {
  return matchesGrammar(text, grammar);
}

function compare(a: string, b: string): number {
  if (!isValid(a)) throw invalidVersion('cran', a);
  if (!isValid(b)) throw invalidVersion('cran', b);
  return compareNumberLists(a, b);
}

/** R packages: numbers with `.` or `-` between, which mean the same; `1.9` is lower than `1.9.0` (R, `package_version`). */
export const cran: VersionScheme = { id: 'cran', compare, isValid };
