import type { Problem } from '../base/problem.ts';
import type { Executable } from '../codec/executable/executable.ts';
import type { Distro } from '../package/distro.ts';
import type { Package, PackageType } from '../package/package.ts';

/**
 * Finds one kind of package: data that says which files it reads, and a pure function that reads one.
 *
 * `read` gets bytes and gives facts; it opens nothing, keeps nothing and knows nothing of layers, so its results are
 * cached per layer and worker threads may run it.
 */
export interface Cataloger {
  /** Unique and stable, for people and cache keys: `dpkg`, `npm`, `go-binary`. */
  readonly id: string;
  /** Raised whenever the same bytes would give other facts: it is part of the cache key. */
  readonly version: number;
  readonly wants: readonly PathPattern[];
  /** Larger files are reported as a problem, not read. In bytes. */
  readonly maxBytes: number;
  /** Set for package databases and lock files: when one cannot be read, the result is incomplete, not merely short of a package. */
  readonly essential?: true;
  /** Set where an empty file is no document of the format and is to be read, so as to be told as broken. Others are passed over when empty. */
  readonly readsEmpty?: true;
  /** Suffixes of neighbour files to have at hand, read from the same layer: `-wal` for `rpmdb.sqlite`. */
  readonly siblings?: readonly string[];
  /**
   * Names of files of the same folder to have at hand: `package.json` beside `yarn.lock`. Such a name must not be wanted by a
   * cataloger of the same list.
   */
  readonly neighbours?: readonly string[];
  /**
   * Reads one file.
   *
   * @throws CatalogError for bytes that break the format; what could be read before should rather be returned, with
   * the rest as a problem
   */
  read(file: CatalogFile): CatalogResult;
}

/**
 * Selects files by path. Paths have no leading slash; matching is case-sensitive. A file is offered to a cataloger
 * once, however many of its patterns match.
 */
export type PathPattern =
  /** The base name is exactly this: `package.json`. */
  | { readonly name: string }
  /** The base name ends so, dot included: `.jar`. Compared in lower case. */
  | { readonly extension: string }
  /** The path is this or ends with `/` and this: `lib/apk/db/installed`. */
  | { readonly path: string }
  /** The file lies directly in a folder whose path is this or ends with `/` and this; optionally with an extension. */
  | { readonly directory: string; readonly extension?: string }
  /** ELF, PE or Mach-O by its first bytes, in a file that may be executed or looks like a library or program. */
  | { readonly executable: true };

/** One file of an image, whole, as a cataloger sees it. Nothing of it may be kept after `read` returns. */
export interface CatalogFile {
  /** Path in the image without a leading slash. */
  readonly path: string;
  /** Permission bits. */
  readonly mode: number;
  readonly bytes: Buffer;
  /** The neighbour whose path is this file's plus `suffix`, when the cataloger asked for such siblings. */
  sibling(suffix: string): Buffer | undefined;
  /** The file of this name in the same folder, when the cataloger asked for such neighbours. */
  neighbour(name: string): Buffer | undefined;
  /** The file parsed as a program, once for all catalogers; absent when it is none. */
  executable(): Executable | undefined;
}

/** What a cataloger made of one file. */
export interface CatalogResult {
  readonly facts: readonly Fact[];
  readonly problems?: readonly Problem[];
  /**
   * Files that the same cataloger is to read too, whatever they are called, as this one names them: relative to its folder. They
   * are only looked for in source code.
   */
  readonly includes?: readonly string[];
}

/** Plain data (it travels between threads and is cached as JSON). */
export type Fact = PackageFact | ReleaseFact | RepositoryFact | OwnershipFact;

/** A package is there. */
export interface PackageFact {
  readonly kind: 'package';
  readonly package: Package;
  /** True when another document merely says so (an embedded SBOM): a package database's own entry takes its place. */
  readonly declared?: boolean;
}

/** A release file names the distribution. */
export interface ReleaseFact {
  readonly kind: 'release';
  /** Lower wins: 0 os-release in etc, 1 in usr/lib, 10 and more for the special files. */
  readonly rank: number;
  readonly distro: Partial<Distro>;
}

/** Package repositories that change what the release is: branches of `etc/apk/repositories`. */
export interface RepositoryFact {
  readonly kind: 'repository';
  readonly branches: readonly string[];
}

/** An OS package owns files; says which language packages came with it. */
export interface OwnershipFact {
  readonly kind: 'ownership';
  readonly type: PackageType;
  readonly name: string;
  readonly arch?: string;
  /** Paths in the image without a leading slash. */
  readonly paths: readonly string[];
  /** Folders of which everything is owned. */
  readonly directories?: readonly string[];
}
