import type { AffectedRange, Advisory, FixStatus } from '../finding/advisory.ts';
import type { Severity } from '../finding/severity.ts';
import type { AdvisoryDetail, StoredAffected } from './stored.ts';

/** A run of versions: introduced, fixed, last affected; later items are left out when absent. */
type Run = readonly [string, (string | null)?, string?];

interface Compact {
  readonly r?: readonly Run[];
  readonly v?: readonly string[];
  readonly s?: Severity;
  readonly t?: FixStatus;
  readonly a?: readonly string[];
}

/** Writes an affected package as stored: keys of one letter, since a million rows repeat them. */
export function encodeAffected({ ranges, versions, severity, status, arches }: StoredAffected): string {
  const compact: Compact = {
    ...(ranges.length === 0 ? {} : { r: ranges.map(encodeRun) }),
    ...(versions.length === 0 ? {} : { v: versions }),
    ...(severity === undefined ? {} : { s: severity }),
    ...(status === undefined ? {} : { t: status }),
    ...(arches === undefined ? {} : { a: arches }),
  };
  return JSON.stringify(compact);
}

/** Reads what {@link encodeAffected} wrote. Throws on other text. */
export function decodeAffected(value: unknown): StoredAffected {
  const { r = [], v = [], s, t, a } = value as Compact;
  return {
    ranges: r.map(decodeRun),
    versions: v,
    ...(s === undefined ? {} : { severity: s }),
    ...(t === undefined ? {} : { status: t }),
    ...(a === undefined ? {} : { arches: a }),
  };
}

function encodeRun({ introduced, fixed, lastAffected }: AffectedRange): Run {
  if (lastAffected !== undefined) return [introduced, fixed ?? null, lastAffected];
  return fixed === undefined ? [introduced] : [introduced, fixed];
}

function decodeRun([introduced, fixed, lastAffected]: Run): AffectedRange {
  return {
    introduced,
    ...(fixed == null ? {} : { fixed }),
    ...(lastAffected === undefined ? {} : { lastAffected }),
  };
}

/** Writes the rest of an advisory as stored. */
export function encodeDetail(advisory: Advisory): string {
  const { affected: _affected, withdrawn: _withdrawn, ...detail } = advisory;
  return JSON.stringify(detail);
}

/** Reads what {@link encodeDetail} wrote. Throws on other text. */
export function decodeDetail(text: string): AdvisoryDetail {
  return JSON.parse(text) as AdvisoryDetail;
}
