import type { PackageType } from '../../package/package.ts';
import { go } from './go.ts';
import type { LanguageRule } from './rule.ts';

/** Every kind of language package that can be matched. */
export const languageRules: readonly LanguageRule[] = [
  { type: 'bitnami', ecosystem: 'Bitnami' },
  { type: 'cargo', ecosystem: 'crates.io' },
  { type: 'composer', ecosystem: 'Packagist' },
  { type: 'gem', ecosystem: 'RubyGems' },
  go,
  { type: 'maven', ecosystem: 'Maven' },
  { type: 'npm', ecosystem: 'npm' },
  { type: 'nuget', ecosystem: 'NuGet' },
  { type: 'pypi', ecosystem: 'PyPI' },
];

/** The rule for a package type; undefined for types that nobody publishes advisories for under names. */
export function languageRuleOf(type: PackageType): LanguageRule | undefined {
  return languageRules.find((rule) => rule.type === type);
}
