import type { MatchedPackage } from '../matched-package.ts';
import type { Question } from '../match-packages.ts';
import type { OsRule } from './rule.ts';

/** What to ask about an OS package, by its distribution's rule. A package that tells no source is its own source. */
export function questionOf(rule: OsRule, pkg: MatchedPackage): Question {
  const { arch, modularityLabel = '' } = pkg;
  const name = rule.name === 'source' ? (pkg.source?.name ?? pkg.name) : pkg.name;
  const version = rule.version === 'source' ? (pkg.source?.version ?? pkg.version) : pkg.version;
  const { speaksOf } = rule;
  return {
    name,
    version,
    ...(arch === undefined ? {} : { arch }),
    ...(speaksOf === undefined ? {} : { speaksOf: (fixed: string) => speaksOf(pkg, fixed) }),
    ...(rule.epochMayLack === true ? { epochMayLack: true } : {}),
    key: JSON.stringify([name, version, arch ?? '', modularityLabel, speaksOf === undefined ? '' : pkg.version]),
  };
}
