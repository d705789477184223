import type { Problem } from '../../base/problem.ts';
import type { AdvisorySource } from '../../finding/advisory.ts';
import type { DatabaseGaps } from '../../finding/database-gaps.ts';
import type { VulnerabilityFinding } from '../../finding/vulnerability.ts';
import type { Distro } from '../../package/distro.ts';
import type { PackageType } from '../../package/package.ts';

/** A finding as it is kept for policies: what they decide by, without texts for people. */
export interface ScanFinding extends Pick<
  VulnerabilityFinding,
  | 'id'
  | 'aliases'
  | 'vendorIds'
  | 'fixedVersions'
  | 'status'
  | 'severity'
  | 'severitySource'
  | 'knownExploited'
  | 'epss'
  | 'published'
> {
  readonly package: {
    readonly type: PackageType;
    readonly name: string;
    readonly version: string;
    readonly purl: string;
  };
  /** The advisory's source that matched. */
  readonly dataSource: AdvisorySource;
  /** Milliseconds since 1970: when it first became known that this image has the flaw, for whoever keeps that. It is kept apart from the rest. */
  readonly knownSince?: number;
}

/** What is kept of an image's scan. One flaw in one package is one finding, in however many places the package lies. */
export interface EvidenceContent extends DatabaseGaps {
  readonly distro?: Distro;
  /** What could not be looked at or looked up. */
  readonly problems: readonly Problem[];
  /** Sorted by package name, version and purl, then severity (worst first), then id; null where nothing could be looked up. */
  readonly findings: readonly ScanFinding[] | null;
}
