import { invalidVersion } from './error.ts';
import type { VersionScheme } from './scheme.ts';
import { semver } from './semver.ts';
import { compareNumbers } from './text.ts';

const revisionSuffix = /(?<=[0-9A-Za-z])-(\d+)$/;

function isValid(text: string): boolean {
  return semver.isValid(text);
}

function compare(a: string, b: string): number {
  if (!isValid(a)) throw invalidVersion('bitnami', a);
  if (!isValid(b)) throw invalidVersion('bitnami', b);
  const aRevision = revisionSuffix.exec(a);
  const bRevision = revisionSuffix.exec(b);
  const order = semver.compare(
    aRevision === null ? a : a.slice(0, aRevision.index),
    bRevision === null ? b : b.slice(0, bRevision.index),
  );
  return order === 0 ? compareNumbers(aRevision?.[1] ?? '', bRevision?.[1] ?? '') : order;
}

/**
 * Bitnami's packages: Semantic Versioning, but a number after the last dash is the packaging's revision, which comes
 * after the release instead of before it: `1.2.3` = `1.2.3-0` < `1.2.3-1` (bitnami/go-version).
 */
export const bitnami: VersionScheme = { id: 'bitnami', compare, isValid };
