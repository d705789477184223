import type { AffectedRange } from '../finding/advisory.ts';
import type { VersionScheme } from '../version/scheme.ts';

/**
 * Those of some versions that no run holds. Advisories cut what is affected into runs that follow on each other, or state
 * several for one package, so that the end of one run can lie within another, where it ends nothing.
 *
 * Versions that break the scheme are held by nothing, and runs with such bounds hold nothing. Takes n log n comparisons,
 * since a record may have as many runs as its limits allow.
 */
export function outsideRuns(
  scheme: VersionScheme,
  versions: readonly string[],
  runs: readonly AffectedRange[],
): ReadonlySet<string> {
  if (runs.length < 2) return new Set(versions);
  const readable = (bound: string | undefined): boolean => bound === undefined || scheme.isValid(bound);
  const starting = runs
    .filter(({ introduced, fixed, lastAffected }) => {
      return (introduced === '0' || readable(introduced)) && readable(fixed) && readable(lastAffected);
    })
    .sort((a, b) => compareStarts(scheme, a.introduced, b.introduced));
  const free = new Set<string>();
  /** The highest end of the runs that have started. */
  let until: AffectedRange | undefined;
  let next = 0;
  for (const version of sortedValid(scheme, versions)) {
    for (; next < starting.length; next += 1) {
      const run = starting[next] as AffectedRange;
      if (compareStarts(scheme, run.introduced, version) > 0) break;
      if (until === undefined || endsAfter(scheme, run, until)) until = run;
    }
    if (until === undefined || !holdsUpTo(scheme, until, version)) free.add(version);
  }
  for (const version of versions) if (!scheme.isValid(version)) free.add(version);
  return free;
}

function sortedValid(scheme: VersionScheme, versions: readonly string[]): string[] {
  const valid = [...new Set(versions)].filter((version) => scheme.isValid(version));
  return valid.sort((a, b) => scheme.compare(a, b));
}

/** `0` is before every version. */
function compareStarts(scheme: VersionScheme, a: string, b: string): number {
  if (a === '0' || b === '0') return Number(b === '0') - Number(a === '0');
  return scheme.compare(a, b);
}

/** A last affected version belongs to its run; a fixed one does not. */
function endsAfter(scheme: VersionScheme, a: AffectedRange, b: AffectedRange): boolean {
  const aEnd = a.fixed ?? a.lastAffected;
  const bEnd = b.fixed ?? b.lastAffected;
  if (bEnd === undefined) return false;
  if (aEnd === undefined) return true;
  const order = scheme.compare(aEnd, bEnd);
  return order > 0 || (order === 0 && a.fixed === undefined && b.fixed !== undefined);
}

function holdsUpTo(scheme: VersionScheme, { fixed, lastAffected }: AffectedRange, version: string): boolean {
  if (fixed !== undefined) return scheme.compare(version, fixed) < 0;
  return lastAffected === undefined || scheme.compare(version, lastAffected) <= 0;
}
