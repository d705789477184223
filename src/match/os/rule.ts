import type { Distro } from '../../package/distro.ts';
import type { PackageType } from '../../package/package.ts';
import type { MatchedPackage } from '../matched-package.ts';

/** How one distribution's advisories speak of packages: data that the matcher follows. */
export interface OsRule {
  /** The file's name. */
  readonly id: string;
  /** `ID` values of os-release that it serves. */
  readonly distros: readonly string[];
  /** The package manager whose packages the advisories speak of. */
  readonly packageType: PackageType;
  /** OSV's name. */
  readonly ecosystem: string;
  /** Whose name the advisories use: the source package's, or the binary package's. */
  readonly name: 'source' | 'binary';
  /** Whose version their ranges mean. */
  readonly version: 'source' | 'binary';
  /**
   * The releases to ask.
   *
   * @param known the releases that the database has
   * @returns empty when the database has no data for this release
   */
  readonly releases: (distro: Distro, known: readonly string[]) => readonly string[];
  /** Says why the advisories do not speak for a package. */
  readonly excludes?: (pkg: MatchedPackage) => Exclusion | undefined;
  /**
   * Whether a range speaks of this build of the package: modules and flavours are built apart under one name.
   *
   * @param fixed where the range ends
   */
  readonly speaksOf?: (pkg: MatchedPackage, fixed: string) => boolean;
  /** True where a later one of the releases overrules earlier ones on the same flaw of the same package. */
  readonly overrules?: true;
  /** True where fixed versions may lack the epoch that installed ones have. */
  readonly epochMayLack?: true;
}

/** Why a distribution's advisories do not speak for a package. */
export type Exclusion =
  /** No software: a signing key in the rpm database. */
  | 'no-software'
  /** Somebody else built it. */
  | 'third-party'
  /** A module's build whose stream is not told. */
  | 'module-unknown';

/** The first number of a version: `8` of `8.9`. */
export function majorOf(version: string): string {
  return /^\d+/.exec(version)?.[0] ?? '';
}

/** The release itself, when the database has it. */
export function exactly(known: readonly string[], ...wanted: readonly string[]): string[] {
  const found = wanted.find((release) => release !== '' && known.includes(release));
  return found === undefined ? [] : [found];
}

/** The single bucket of a distribution without releases. */
export function rolling(_distro: Distro, known: readonly string[]): string[] {
  return known.includes('') ? [''] : [];
}

/**
 * Excludes packages whose rpm vendor is not the distribution. A package that tells no vendor is taken for the
 * distribution's.
 */
export function vendorsOnly(...vendors: readonly string[]): (pkg: MatchedPackage) => Exclusion | undefined {
  return ({ name, maintainer }) => {
    // rpm keeps imported signing keys as if they were packages.
    if (name === 'gpg-pubkey') return 'no-software';
    if (maintainer === undefined || maintainer === '' || maintainer === '(none)') return undefined;
    const vendor = maintainer.toLowerCase();
    return vendors.some((known) => vendor.startsWith(known)) ? undefined : 'third-party';
  };
}

/** True for a build of a module, which its release tells: `.module_el8`, `.module+el8`. */
export function isModular(version: string): boolean {
  return /\.module[_+]/.test(version);
}

/** A module's fix says nothing of the same package outside modules, and the other way round. */
export function sameModularity({ modularityLabel, version }: MatchedPackage, fixed: string): boolean {
  return isModular(fixed) === (isModular(version) || (modularityLabel ?? '') !== '');
}
