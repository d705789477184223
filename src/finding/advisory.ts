import type { CvssRating, Severity } from './severity.ts';

/** One statement of a source about a flaw and the packages that have it: the feeds' common form. */
export interface Advisory {
  /** The source's own id: `GHSA-…`, `DSA-5380-1`, `ALPINE-CVE-2019-1234`, `CVE-…`. */
  readonly id: string;
  /** Other ids of the same flaw. */
  readonly aliases: readonly string[];
  /** Flaws that this advisory fixes or passes on: a DSA names several CVEs here. */
  readonly upstream: readonly string[];
  readonly summary: string;
  readonly details: string;
  /** RFC 3339. */
  readonly published?: string;
  readonly modified?: string;
  /** RFC 3339; a withdrawn advisory matches nothing. */
  readonly withdrawn?: string;
  /** The source's own word, when it has one. */
  readonly severity?: Severity;
  readonly cvss: readonly CvssRating[];
  readonly cwes: readonly string[];
  readonly references: readonly string[];
  readonly affected: readonly AffectedPackage[];
  /** Who says so: `osv`, with the database that the id belongs to in `database`. */
  readonly source: AdvisorySource;
}

/** Where an advisory comes from. */
export interface AdvisorySource {
  /** Short and stable: `debian`, `alpine`, `ghsa`, `govulndb`, `rustsec`, `pypa`, `wolfi`. */
  readonly id: string;
  /** For people: `Debian Security Tracker`. */
  readonly name: string;
  readonly url: string;
}

/** The versions of one package that a flaw touches. */
export interface AffectedPackage {
  /** OSV's ecosystem without its release: `Debian`, `Alpine`, `Go`, `npm`. */
  readonly ecosystem: string;
  /** What follows the colon: `12` of `Debian:12`, `v3.19` of `Alpine:v3.19`; empty when nothing does. */
  readonly release: string;
  readonly name: string;
  readonly ranges: readonly AffectedRange[];
  /** Versions named one by one. */
  readonly versions: readonly string[];
  /** The source's word for this package, where it differs by package or release. */
  readonly severity?: Severity;
  /** Distribution's state for a flaw without a fix. */
  readonly status?: FixStatus;
  /** Only for these architectures, when the source says so. */
  readonly arches?: readonly string[];
}

/** A run of affected versions: from `introduced` (0 is the beginning) to the first event that ends it (OSV schema, `events`). */
export interface AffectedRange {
  readonly introduced: string;
  /** First version that is good again. */
  readonly fixed?: string;
  /** Last version that is bad. */
  readonly lastAffected?: string;
}

/** What a source says about a fix; Trivy's words, which its users filter by. */
export type FixStatus =
  | 'unknown'
  | 'not_affected'
  | 'affected'
  | 'fixed'
  | 'under_investigation'
  | 'will_not_fix'
  | 'fix_deferred'
  | 'end_of_life';
