import type { Problem } from '../../base/problem.ts';
import type { DatabaseInfo } from '../../finding/scan-report.ts';
import type { Severity } from '../../finding/severity.ts';
import type { Digest } from '../../oci/digest.ts';
import type { ClusterInventory, Workload } from '../model.ts';
import type { ScannedImage } from '../scan/model.ts';

/** A flaw of a package of an image, as far as it is told of a cluster. */
export interface Flaw {
  readonly id: string;
  readonly package: string;
  readonly version: string;
  /** Versions that end it, separated by commas; empty where there is none yet. */
  readonly fixed: string;
  readonly severity: Severity;
}

/** A text that is held packed (zstd), since those of all images are. */
export interface PackedText {
  readonly packed: Uint8Array;
  /** Bytes when it is unpacked. */
  readonly size: number;
}

/** What is held of the report of an image: what the outputs need, and no more. */
export interface HeldReport {
  /** As filtered, in the order of reports. */
  readonly flaws: readonly Flaw[];
  readonly packages: number;
  readonly problems: readonly Problem[];
  readonly endOfLife?: boolean;
  readonly database?: DatabaseInfo;
  /** The exit status that it alone would lead to, by what was asked to fail on. */
  readonly status: number;
  /** `Metadata` and `Results` of its JSON; absent where no output has them. */
  readonly json?: { readonly metadata: PackedText; readonly results: PackedText };
  /** As a table; absent where no output has it. */
  readonly table?: PackedText;
}

/** An image of a cluster with what was found in it. */
export type ReportedImage = ScannedImage<HeldReport>;

/** What a rule says of a workload that runs: new ones would be denied, or it is not known whether they would. */
export interface PolicyBreach extends Pick<Workload, 'group' | 'kind' | 'namespace' | 'name'> {
  readonly policy: string;
  readonly rule: string;
  readonly outcome: 'denied' | 'undecided';
  /** A sentence. */
  readonly reason: string;
}

/** What today's policies say of what runs. */
export interface PolicyLook {
  /** Objects that were looked at. */
  readonly looked: number;
  readonly breaches: readonly PolicyBreach[];
  /** What could not be looked at: sentences. */
  readonly gaps: readonly string[];
}

/** A flaw of a digest that is there now and was not, or the other way round. */
export interface FlawChange extends Flaw {
  /** Absent for an image of which no digest is known. */
  readonly digest?: Digest;
  readonly image: string;
}

/** What is otherwise than in an earlier report. */
export interface ClusterChanges {
  /** When the earlier one was made. */
  readonly since: string;
  /** Why more may seem to be otherwise than is: sentences. */
  readonly notes: readonly string[];
  /** Images that run now and did not, and those that did and do not any more: names with digests. */
  readonly appeared: readonly string[];
  readonly gone: readonly string[];
  /** Flaws of images that run now: of what appeared, and what was learnt of what was there. */
  readonly found: readonly FlawChange[];
  /** Flaws that were there and are not, with their images or without them. */
  readonly ended: readonly FlawChange[];
  /** Images of which it cannot be said what changed, since one of both reports does not know them. */
  readonly unknown: readonly string[];
}

/** All that is told of a cluster. */
export interface ClusterReport {
  readonly inventory: ClusterInventory;
  readonly images: readonly ReportedImage[];
  /** RFC 3339. */
  readonly createdAt: string;
  /** What the scan was told to leave out, as flags; none where it is about all. */
  readonly part: readonly string[];
  readonly database?: DatabaseInfo;
  readonly policies?: PolicyLook;
  readonly changes?: ClusterChanges;
}

/** How much is told of each workload. */
export type ReportKind = 'summary' | 'all';
