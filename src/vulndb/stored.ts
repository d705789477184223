import type { Advisory, AffectedPackage } from '../finding/advisory.ts';
import type { CvssRating, Severity } from '../finding/severity.ts';
import type { Epss, KnownExploited } from '../finding/vulnerability.ts';

/** What matching needs of an affected package: small, since every look-up reads it. */
export type StoredAffected = Pick<AffectedPackage, 'ranges' | 'versions' | 'severity' | 'status' | 'arches'>;

/** An advisory that names the package which was asked for; its text is read on demand. */
export interface StoredAdvisory {
  /** Of the shard that it lies in. */
  readonly ecosystem: string;
  readonly release: string;
  /** Number in its shard. */
  readonly number: number;
  /** What it says of the package, one entry per statement. */
  readonly affected: readonly StoredAffected[];
}

/** The rest of an advisory. */
export type AdvisoryDetail = Omit<Advisory, 'affected' | 'withdrawn'>;

/** What one source says of how bad a flaw is. */
export interface Rating {
  /** Source's id. */
  readonly source: string;
  readonly severity?: Severity;
  readonly cvss: readonly CvssRating[];
  readonly title: string;
}

/** What is known of a flaw, whatever package it is in. */
export interface FlawFacts {
  /** Set when CISA lists it. */
  readonly exploited?: KnownExploited;
  readonly epss?: Epss;
  /** Sorted by source. */
  readonly ratings: readonly Rating[];
}
