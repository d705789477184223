import type { Location } from './location.ts';

/** The package kinds that catalogers find, by their purl type (purl-spec, types/). */
export type PackageType =
  | 'apk'
  | 'bitnami'
  | 'cargo'
  | 'composer'
  | 'deb'
  | 'gem'
  | 'generic'
  | 'golang'
  | 'maven'
  | 'npm'
  | 'nuget'
  | 'opkg'
  | 'pypi'
  | 'rpm';

/** Types that a distribution's package manager installs. */
export const osPackageTypes: ReadonlySet<PackageType> = new Set(['apk', 'deb', 'opkg', 'rpm']);

/** What an OS package was built from; advisories of several distributions name this instead of the binary package. */
export interface SourcePackage {
  readonly name: string;
  /** In the same form as the binary package's version; rpm takes the binary's epoch. */
  readonly version: string;
}

/** Lines of a text, counted from 1, both included. */
export interface LineRange {
  readonly start: number;
  readonly end: number;
}

/** A package as one cataloger read it from one file. */
export interface Package {
  readonly type: PackageType;
  /**
   * The name that the ecosystem's advisories use: `libssl3`, `@scope/name`, `group:artifact`, a Go module path,
   * `vendor/name`. Spelling as found; matching normalises.
   */
  readonly name: string;
  /** The whole version, as the ecosystem writes it: `1:2.3-4` for deb and rpm (epoch 0 left out), `1.2.3-r0` for apk. */
  readonly version: string;
  readonly arch?: string;
  readonly source?: SourcePackage;
  /** As declared, one entry per statement; SPDX expressions where the format has them. */
  readonly licenses: readonly string[];
  /** Maintainer or vendor as written: decides whether a distribution's advisories speak for the package. */
  readonly maintainer?: string;
  /** rpm's `modularitylabel`: `name:stream:version:context`. */
  readonly modularityLabel?: string;
  /** Digest that the package database or archive records: `sha1:…`, `sha256:…`, `md5:…`. */
  readonly digest?: string;
  /** Id of the cataloger that read it. */
  readonly cataloger: string;
  /** Path inside an archive where it was found, after `!/`; absent when the file itself is the evidence. */
  readonly innerPath?: string;
  /** Distribution-independent purl qualifiers to keep, such as `vcs_url`. */
  readonly qualifiers?: Readonly<Record<string, string>>;
  /**
   * Names of packages of the same cataloger that this one needs (as the format writes them, already resolved). A lock file may
   * hold several versions of one package: there they are `name@version`.
   */
  readonly dependsOn?: readonly string[];
  /** Of lock files: whether the project itself asks for it, or another package does; absent when the file does not tell. */
  readonly relationship?: 'direct' | 'indirect';
  /** Of lock files: true for what only development and tests need. */
  readonly development?: true;
  /** Lines of the file that tell it, counted from 1, both included. */
  readonly lines?: LineRange;
  /** For Go: true for the module that the binary was built from. */
  readonly main?: boolean;
}

/** A package in an image: what it is, its purl, and where it was seen. */
export interface InventoryPackage extends Package {
  /** Canonical purl with the distribution's qualifiers. Unique together with `locations[0].path`. */
  readonly purl: string;
  /** Files that show the package, the first being the main one. Never empty. */
  readonly locations: readonly Location[];
  /** The OS package that owns the files of this language package; such packages are attributed, not matched again. */
  readonly ownedBy?: PackageIdentity;
}

/** Names an OS package. */
export interface PackageIdentity {
  readonly type: PackageType;
  readonly name: string;
  readonly version: string;
}
