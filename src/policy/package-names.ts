import { compilePattern, compilePatterns, matchesAny, type NamePattern, PatternError } from '../base/name-pattern.ts';
import type { PatternSpec } from '../base/name-pattern.ts';
import { packageKey } from '../vulndb/package-key.ts';
import type { FindingFacts } from './evidence.ts';

/** Ecosystems that take several spellings of a name for one, by the types of their packages. */
const ecosystems: ReadonlyMap<string, string> = new Map([
  ['pypi', 'PyPI'],
  ['nuget', 'NuGet'],
  ['composer', 'Packagist'],
  ['bitnami', 'Bitnami'],
]);

/** Tells whether a package has one of the names. */
export type IsNamed = (pkg: Pick<FindingFacts['package'], 'type' | 'name'>) => boolean;

/**
 * Compiles patterns of names of packages. Whatever an ecosystem takes for the same name is the same: `django` is `Django` of PyPI. Regular
 * expressions are compared with the name as it stands and with the one that its ecosystem has for all spellings.
 *
 * @throws PatternError
 */
export function compilePackageNames(specs: readonly PatternSpec[]): IsNamed {
  const patterns = compilePatterns(specs);
  const folded = new Map<string, readonly NamePattern[]>();
  for (const ecosystem of ecosystems.values()) {
    folded.set(ecosystem, [...patterns, ...specs.flatMap((spec) => foldPattern(ecosystem, spec))]);
  }
  return ({ type, name }) => {
    if (matchesAny(patterns, name)) return true;
    const ecosystem = ecosystems.get(type);
    return ecosystem !== undefined && matchesAny(folded.get(ecosystem) ?? [], packageKey(ecosystem, name));
  };
}

function foldPattern(ecosystem: string, spec: PatternSpec): readonly NamePattern[] {
  const fold = (text: string): string => packageKey(ecosystem, text);
  try {
    if (typeof spec === 'string') return [compilePattern(fold(spec))];
    if ('glob' in spec) return [compilePattern({ glob: fold(spec.glob) })];
    return 'wildcard' in spec ? [compilePattern({ wildcard: fold(spec.wildcard) })] : [];
  } catch (error) {
    // A range of letters may be none in small ones; the pattern itself is there still.
    if (error instanceof PatternError) return [];
    throw error;
  }
}
