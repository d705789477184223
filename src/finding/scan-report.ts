import type { Problem } from '../base/problem.ts';
import type { Digest, DiffId } from '../oci/digest.ts';
import type { Platform } from '../oci/platform.ts';
import type { Inventory } from '../package/inventory.ts';
import type { FixStatus } from './advisory.ts';
import type { DatabaseGaps } from './database-gaps.ts';
import type { Severity } from './severity.ts';
import type { BomIdentity } from './vex.ts';
import type { VulnerabilityFinding } from './vulnerability.ts';

/** Everything one scan of one target found: what reports are made of. Plain data in a stable order. */
export interface ScanReport {
  readonly artifact: Artifact;
  readonly inventory: Inventory;
  /** True when the distribution's release gets no more fixes; absent when that is not known. */
  readonly endOfLife?: boolean;
  /** What survived the filters, sorted by package name, version, then severity (worst first), then id. */
  readonly findings: readonly VulnerabilityFinding[];
  /** What was found and set aside, with the reason. */
  readonly suppressed: readonly SuppressedFinding[];
  /** What could not be looked at, the inventory's problems included. */
  readonly problems: readonly Problem[];
  /** When the scan was made: RFC 3339, UTC. */
  readonly createdAt: string;
  /** The vulnerability database that was asked. */
  readonly database?: DatabaseInfo;
}

/** What was scanned. */
export interface Artifact {
  /** As the user wrote it. */
  readonly name: string;
  /** Trivy's ArtifactType. */
  readonly type: 'container_image' | 'filesystem' | 'cyclonedx' | 'spdx';
  readonly image?: ImageFacts;
  /** Of source code: the folder that paths of packages start at. */
  readonly folder?: string;
  /** Of a scanned bill of materials. */
  readonly document?: DocumentFacts;
}

/** What a bill of materials says besides its packages: documents about it and about its subject are held against this. */
export interface DocumentFacts {
  readonly subject: {
    readonly purl?: string;
    readonly manifestDigest?: Digest;
    readonly platform?: Platform;
    readonly repoTags: readonly string[];
    readonly repoDigests: readonly string[];
  };
  /** Absent where the document has no serial number. */
  readonly bom?: BomIdentity & {
    /** Package URLs by `bom-ref`. */
    readonly purls: ReadonlyMap<string, string>;
  };
}

/** What is known of a scanned image besides its contents. */
export interface ImageFacts {
  readonly imageId: Digest;
  readonly manifestDigest?: Digest;
  readonly platform: Platform;
  readonly repoTags: readonly string[];
  readonly repoDigests: readonly string[];
  readonly layers: readonly ImageLayerFacts[];
  /** Those of its manifest by which runtimes may take files from elsewhere than from the layers' tars. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** The image's config as stored, parsed. */
  readonly rawConfig: unknown;
}

/** One layer of a scanned image, lowest first. */
export interface ImageLayerFacts {
  readonly diffId: DiffId;
  readonly digest?: Digest;
  /** Stored bytes, when known. */
  readonly size?: number;
  /** Those of its descriptor by which runtimes may take files from elsewhere than from its tar. */
  readonly annotations?: Readonly<Record<string, string>>;
}

/** A finding that was set aside. */
export interface SuppressedFinding {
  readonly finding: VulnerabilityFinding;
  /** Trivy's words: `ignored` by a rule, or what a VEX document says. */
  readonly status: 'ignored' | FixStatus;
  /** Where the rule or the statement stands: `.trivyignore`, `app.vex.json`. */
  readonly source: string;
  readonly statement?: string;
}

/** Which database answered. */
export interface DatabaseInfo extends DatabaseGaps {
  /** RFC 3339. */
  readonly builtAt: string;
  readonly schemaVersion: number;
}

/** Counts by severity. */
export type SeverityCounts = Readonly<Record<Severity, number>>;
