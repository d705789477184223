import { invalidVersion } from './error.ts';
import { matchesGrammar, type VersionScheme } from './scheme.ts';
import { compareSemver, type SemverDialect } from './semver-order.ts';

const grammar =
  /^[vV]?\d+(?:\.\d+){0,3}(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$/;
const dialect: SemverDialect = { foldCase: true, orderBuild: false };

function isValid(text: string): boolean {
  return matchesGrammar(text, grammar);
}

function compare(a: string, b: string): number {
  if (!isValid(a)) throw invalidVersion('nuget', a);
  if (!isValid(b)) throw invalidVersion('nuget', b);
  return compareSemver(a, b, dialect);
}

/** .NET packages: Semantic Versioning with a fourth number allowed and labels that ignore case (NuGet, "Package versioning"). */
export const nuget: VersionScheme = { id: 'nuget', compare, isValid };
