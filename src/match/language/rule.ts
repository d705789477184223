import type { PackageType } from '../../package/package.ts';
import type { MatchedPackage } from '../matched-package.ts';

/** How an ecosystem's advisories speak of packages. Spellings of names are the database's matter (`package-key.ts`). */
export interface LanguageRule {
  readonly type: PackageType;
  /** OSV's name. */
  readonly ecosystem: string;
  /**
   * The version to compare.
   *
   * @returns undefined when the package tells none that could be compared
   */
  readonly version?: (pkg: MatchedPackage) => string | undefined;
}
