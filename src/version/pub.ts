import { invalidVersion } from './error.ts';
import { semver } from './semver.ts';
import { compareSemver, type SemverDialect } from './semver-order.ts';
import type { VersionScheme } from './scheme.ts';

const dialect: SemverDialect = { foldCase: false, orderBuild: true };

function isValid(text: string): boolean {
  return semver.isValid(text);
}

function compare(a: string, b: string): number {
  if (!isValid(a)) throw invalidVersion('pub', a);
  if (!isValid(b)) throw invalidVersion('pub', b);
  return compareSemver(a, b, dialect);
}

/** Dart's packages: Semantic Versioning where the build counts, so `1.0.0` < `1.0.0+1` (pub_semver, `Version.compareTo`). */
export const pub: VersionScheme = { id: 'pub', compare, isValid };
