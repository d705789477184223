import { invalidVersion } from './error.ts';
import type { VersionScheme } from './scheme.ts';

/** A run of versions as OSV's events give it: from `introduced` (`0` is the beginning) to the first event that ends it. */
export interface VersionRange {
  readonly introduced: string;
  /** First version after the run. */
  readonly fixed?: string;
  /** Last version of the run. */
  readonly lastAffected?: string;
}

function compareValid(scheme: VersionScheme, version: string, bound: string): number {
  if (!scheme.isValid(version)) throw invalidVersion(scheme.id, version);
  if (!scheme.isValid(bound)) throw invalidVersion(scheme.id, bound);
  return scheme.compare(version, bound);
}

/**
 * True when `version` lies in the run (OSV schema, "affected[].ranges[].events"). A run that never begins later nor ends
 * holds every version, so nothing is compared for it.
 *
 * @throws VersionError VERSION_INVALID when the version or a bound that decides is malformed: such a version is neither in
 *   the run nor outside, and the caller has to say so
 */
export function isInRange(scheme: VersionScheme, version: string, range: VersionRange): boolean {
  if (range.introduced !== '0' && compareValid(scheme, version, range.introduced) < 0) return false;
  if (range.fixed !== undefined) return compareValid(scheme, version, range.fixed) < 0;
  if (range.lastAffected !== undefined) return compareValid(scheme, version, range.lastAffected) <= 0;
  return true;
}
