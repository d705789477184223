import { invalidVersion } from './error.ts';
import { matchesGrammar, type VersionScheme } from './scheme.ts';
import { compareSemver, type SemverDialect } from './semver-order.ts';

const grammar = /^[vV=]?\d+(?:\.\d+)*(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$/;
const dialect: SemverDialect = { foldCase: false, orderBuild: false };

function isValid(text: string): boolean {
  return matchesGrammar(text, grammar);
}

function compare(a: string, b: string): number {
  if (!isValid(a)) throw invalidVersion('semver', a);
  if (!isValid(b)) throw invalidVersion('semver', b);
  return compareSemver(a, b, dialect);
}

/**
 * Semantic Versioning 2.0.0 as npm, Cargo and tags use it: build metadata does not count; a leading `v`, absent
 * components (`1.2`) and further ones (`1.2.3.4`), which advisories write, are read too.
 */
export const semver: VersionScheme = { id: 'semver', compare, isValid };
