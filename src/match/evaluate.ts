import type { AffectedRange, FixStatus } from '../finding/advisory.ts';
import type { Severity } from '../finding/severity.ts';
import { VersionError } from '../version/error.ts';
import { isInRange } from '../version/range.ts';
import type { VersionScheme } from '../version/scheme.ts';
import type { StoredAffected } from '../vulndb/stored.ts';
import { outsideRuns } from './outside-runs.ts';

/** What an advisory means for one installed version. */
export interface Affection {
  /**
   * Versions that end the flaw: the ends of the runs that hold the version, then later ones, each lowest first. An end
   * that lies within another run is none.
   */
  readonly fixed: readonly string[];
  readonly severity?: Severity;
  readonly status?: FixStatus;
}

/** The installed package, as far as it decides. */
export interface Installed {
  readonly version: string;
  readonly arch?: string | undefined;
  /** Whether a range that ends there speaks of this build. */
  readonly speaksOf?: (fixed: string) => boolean;
  /** True where the advisories' versions may lack the epoch that the installed one has. */
  readonly epochMayLack?: boolean;
}

/**
 * Decides whether an advisory touches an installed version (OSV schema, "Evaluation": a run holds it, or it is named).
 *
 * @returns undefined when it does not; `unreadable` when that cannot be told, because a version breaks the scheme
 */
export function evaluateAffected(
  scheme: VersionScheme,
  installed: Installed,
  affected: readonly StoredAffected[],
): Affection | 'unreadable' | undefined {
  const { arch, speaksOf = () => true } = installed;
  const version = comparableVersion(installed, affected);
  const ends: string[] = [];
  const later: string[] = [];
  const runs: AffectedRange[] = [];
  let hit: StoredAffected | undefined;
  let unreadable = false;
  for (const entry of affected) {
    if (!runsOn(entry.arches, arch)) continue;
    const ranges = entry.ranges.filter(({ fixed, lastAffected }) => {
      const end = fixed ?? lastAffected;
      return end === undefined || speaksOf(end);
    });
    // Where every run speaks of other builds, the versions named beside them do as well.
    if (ranges.length === 0 && entry.ranges.length > 0) continue;
    for (const range of ranges) {
      runs.push(range);
      const inside = isInside(scheme, version, range);
      if (inside === undefined) unreadable = true;
      if (inside === true) hit ??= entry;
      if (range.fixed !== undefined) (inside === true ? ends : later).push(range.fixed);
    }
    if (hit !== entry && entry.versions.some((named) => isSame(scheme, named, version))) hit ??= entry;
  }
  if (hit === undefined) return unreadable ? 'unreadable' : undefined;
  const { severity, status } = hit;
  const free = outsideRuns(scheme, [...ends, ...later], runs);
  const isFree = (fix: string): boolean => free.has(fix);
  return {
    fixed: sortFixes(scheme, version, ends.filter(isFree), later.filter(isFree)),
    ...(severity === undefined ? {} : { severity }),
    ...(status === undefined ? {} : { status }),
  };
}

/** Without its epoch when no version of the advisory has one: its writer left epochs out. */
function comparableVersion({ version, epochMayLack }: Installed, affected: readonly StoredAffected[]): string {
  if (epochMayLack !== true || !/^[1-9]\d*:/.test(version)) return version;
  const stated = affected.some(({ ranges }) =>
    ranges.some(({ introduced, fixed = '', lastAffected = '' }) =>
      `${introduced} ${fixed} ${lastAffected}`.includes(':'),
    ),
  );
  return stated ? version : version.slice(version.indexOf(':') + 1);
}

function sortFixes(scheme: VersionScheme, version: string, ends: string[], later: string[]): string[] {
  if (!scheme.isValid(version)) return [...new Set([...ends, ...later])];
  const order = (a: string, b: string): number => scheme.compare(a, b) || (a < b ? -1 : a > b ? 1 : 0);
  const higher = later.filter((fix) => scheme.isValid(fix) && scheme.compare(fix, version) > 0);
  return [...new Set([...ends.sort(order), ...higher.sort(order)])];
}

function isInside(scheme: VersionScheme, version: string, range: AffectedRange): boolean | undefined {
  try {
    return isInRange(scheme, version, range);
  } catch (error) {
    if (error instanceof VersionError) return undefined;
    throw error;
  }
}

/** The same text, or another spelling of the same version. */
function isSame(scheme: VersionScheme, a: string, b: string): boolean {
  return a === b || (scheme.isValid(a) && scheme.isValid(b) && scheme.compare(a, b) === 0);
}

/** Go's and Debian's names for what the kernel calls otherwise. */
const archNames: Readonly<Record<string, string>> = { amd64: 'x86_64', arm64: 'aarch64', '386': 'x86', i386: 'x86' };
const anyArch: ReadonlySet<string> = new Set(['', 'all', 'any', 'noarch', '(none)']);

function runsOn(arches: readonly string[] | undefined, arch: string | undefined): boolean {
  if (arches === undefined || arch === undefined || anyArch.has(arch)) return true;
  return arches.some((name) => canonicalArch(name) === canonicalArch(arch));
}

function canonicalArch(arch: string): string {
  return Object.hasOwn(archNames, arch) ? (archNames[arch] as string) : arch;
}
