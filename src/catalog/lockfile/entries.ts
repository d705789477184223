import type { Problem } from '../../base/problem.ts';
import type { LineRange, Package, PackageType } from '../../package/package.ts';
import type { CatalogResult } from '../cataloger.ts';
import { unusableEntries } from '../document/problem.ts';
import { textLimits, tryIdentity } from '../document/text.ts';

/** A package as a lock file gives it: values from outside, nothing of it checked. */
export interface LockEntry {
  readonly name: unknown;
  readonly version: unknown;
  /** Whether the project itself asks for it; undefined when the file does not tell. */
  readonly direct?: boolean | undefined;
  /** True when only development needs it. */
  readonly development?: boolean | undefined;
  /** As {@link lockId} writes it; what is no package of the file is left out. */
  readonly dependsOn?: readonly string[] | undefined;
  readonly licenses?: readonly string[] | undefined;
  readonly lines?: LineRange | undefined;
}

/** What a lock file holds. */
export interface LockReading {
  /** Each name and version once. */
  readonly packages: readonly Package[];
  /** Entries whose name or version cannot be one. */
  readonly unusable: number;
  /** What else is to be said of the file, without its path. */
  readonly remarks?: readonly Omit<Problem, 'subject'>[];
  /** Files that it names and that are to be read too. */
  readonly includes?: readonly string[];
}

/** How a package of a lock file is called by those that need it. */
export function lockId(name: string, version: string): string {
  return `${name}@${version}`;
}

/**
 * Makes packages of entries. What stands several times, as npm's trees have it, becomes one: direct when one of them is, for
 * development only when all of them are.
 */
export function packagesOf(type: PackageType, cataloger: string, entries: Iterable<LockEntry>): LockReading {
  const drafts = new Map<string, Draft>();
  let unusable = 0;
  for (const entry of entries) {
    const identity = tryIdentity(entry.name, entry.version);
    if (identity === undefined) {
      unusable += 1;
      continue;
    }
    const id = lockId(identity.name, identity.version);
    const draft = drafts.get(id);
    if (draft === undefined) {
      drafts.set(id, { entry, ...identity, ...marksOf(entry), dependsOn: new Set(entry.dependsOn) });
      continue;
    }
    draft.direct = draft.direct === true ? true : (entry.direct ?? draft.direct);
    draft.development &&= entry.development === true;
    for (const each of entry.dependsOn ?? []) draft.dependsOn.add(each);
  }
  const packages: Package[] = [];
  for (const [id, { name, version, entry, direct, development, dependsOn }] of drafts) {
    const needs = [...dependsOn].filter((each) => each !== id && drafts.has(each)).sort();
    packages.push({
      type,
      name,
      version,
      licenses: entry.licenses ?? [],
      cataloger,
      ...(needs.length > 0 && { dependsOn: needs.slice(0, textLimits.dependencies) }),
      ...(direct !== undefined && { relationship: direct ? 'direct' : 'indirect' }),
      ...(development && { development }),
      ...(entry.lines !== undefined && { lines: entry.lines }),
    });
  }
  return { packages, unusable };
}

/** What a cataloger gives for a reading. */
export function resultOf(
  path: string,
  { packages, unusable, remarks = [], includes = [] }: LockReading,
): CatalogResult {
  return {
    facts: packages.map((found) => ({ kind: 'package', package: found })),
    problems: [...unusableEntries(path, unusable), ...remarks.map((remark) => ({ ...remark, subject: path }))],
    ...(includes.length > 0 && { includes }),
  };
}

interface Draft {
  readonly entry: LockEntry;
  readonly name: string;
  readonly version: string;
  direct: boolean | undefined;
  development: boolean;
  readonly dependsOn: Set<string>;
}

function marksOf({ direct, development }: LockEntry): Pick<Draft, 'direct' | 'development'> {
  return { direct, development: development === true };
}
