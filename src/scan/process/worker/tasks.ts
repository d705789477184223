import type { Problem } from '../../../base/problem.ts';
import type { Artifact, SeverityCounts } from '../../../finding/scan-report.ts';
import type { Severity } from '../../../finding/severity.ts';
import type { Descriptor } from '../../../oci/descriptor.ts';
import type { Distro } from '../../../package/distro.ts';
import type { Inventory } from '../../../package/inventory.ts';

/** Asks a worker to scan the image whose content it may read. */
export interface ScanTask {
  readonly kind: 'scan';
  readonly manifest: Descriptor;
  /** Folder of the vulnerability database. */
  readonly database: string;
  /** Where layers are remembered. */
  readonly cache?: { readonly folder: string; readonly maxBytes: number };
  readonly reading: LayerReading;
}

/** How the layers of an image are read, see LayerRunner. */
export interface LayerReading {
  /** Layers at a time. */
  readonly width: number;
  /** Whether each has a thread of its own. */
  readonly onThreads: boolean;
}

/** Asks a worker to begin judging stored packages with the database as it is now. */
export interface OpenJudgeTask {
  readonly kind: 'open-judge';
  readonly database: string;
}

/** Asks it to judge packages, and to remember what it found. */
export interface JudgeTask {
  readonly kind: 'judge';
  /** Numbers of packages and their records. */
  readonly packages: readonly (readonly [number, string])[];
}

/** Asks it to put the evidence of images together, of packages that were judged before. */
export interface AssembleTask {
  readonly kind: 'assemble';
  readonly images: readonly (readonly [number, string])[];
}

/** Asks it for the bill of materials of an image, whose inventory it may ask for. */
export interface BillTask {
  readonly kind: 'bill';
  /** Of this program. */
  readonly version: string;
  /** Of the scan that the inventory is of. */
  readonly signature: string;
}

/** Asks it to look up what is known of an image that was scanned before, whose inventory it may ask for. */
export interface LookUpTask {
  readonly kind: 'look-up';
  readonly database: string;
  /** Bytes of findings, as JSON, that are told at most. */
  readonly maxBytes: number;
}

/** Whatever a worker is asked. */
export type WorkerTask =
  | ScanTask
  | BillTask
  | LookUpTask
  | OpenJudgeTask
  | JudgeTask
  | AssembleTask
  | { readonly kind: 'ready' };

/** A package of an image, as a worker tells it. */
export interface ScannedPackage {
  readonly key: string;
  readonly type: string;
  readonly name: string;
  readonly version: string;
  /** Name and version of what it was built from, where it tells them. */
  readonly source?: { readonly name: string; readonly version: string };
  readonly distro: string;
  readonly purl: string;
  /** A `PackageRecord`. */
  readonly record: string;
  readonly flaws: readonly string[];
}

/** What is kept of what was read of an image. */
export interface KeptInventory {
  readonly artifact: Artifact;
  readonly inventory: Inventory;
}

/** What a worker answers to a {@link ScanTask}; followed by the evidence and a {@link KeptInventory}, packed. */
export interface ScannedImage {
  /** Of the catalogers, and of the form of all this. */
  readonly signature: string;
  /** Milliseconds since 1970; null where there is no database that can be used. */
  readonly builtAt: number | null;
  readonly isIncomplete: boolean;
  readonly facts: { readonly distro?: Distro; readonly problems: readonly Problem[] };
  /** Distinct, in the order of the evidence. */
  readonly packages: readonly ScannedPackage[];
}

/** What is kept of an image so that it can be judged anew: its packages by their numbers. */
export interface ImageFacts {
  readonly distro?: Distro;
  readonly problems: readonly Problem[];
  readonly packages: readonly number[];
  /** Milliseconds since 1970: when the image was scanned first. Absent in what an older version kept. */
  readonly since?: number;
  /** The same of packages that a later scan found, by their numbers. */
  readonly later?: Readonly<Record<string, number>>;
}

/** What a worker answers to an {@link AssembleTask}, in the order of the images; followed by the evidence of each, packed. */
export type AssembledImages = readonly { readonly scan: number; readonly isIncomplete: boolean }[];

/** A finding as people are told of it, without its long texts. */
export interface ToldFinding {
  readonly id: string;
  readonly severity: Severity;
  readonly title: string;
  readonly primaryUrl: string;
  /** The highest base score, of the source that the severity is of where that gives any. */
  readonly score?: number;
  readonly published?: string;
  readonly modified?: string;
  /** Versions that end it, as people write them: `1.2.4-r3, 1.3`; empty for none. */
  readonly fixed: string;
  readonly package: { readonly name: string; readonly version: string; readonly purl: string };
  /** As in Trivy's reports: `os-pkgs` and `alpine`, `lang-pkgs` and `gobinary`. */
  readonly class: 'os-pkgs' | 'lang-pkgs';
  readonly type: string;
  /** Of packages of languages: the file that shows it. */
  readonly path?: string;
}

/** What a worker answers to a {@link LookUpTask}; followed by its findings: a list of {@link ToldFinding} as JSON, worst first. */
export interface LookedUp {
  /** Milliseconds since 1970. */
  readonly builtAt: number;
  /** Something could not be looked at or looked up. */
  readonly isIncomplete: boolean;
  readonly problems: readonly Problem[];
  /** Trivy's name for the distribution, its version, and whether it gets no more fixes. */
  readonly os?: { readonly family: string; readonly name: string; readonly endOfLife?: boolean };
  /** Of all findings. */
  readonly counts: SeverityCounts;
  /** Findings that are not told, since they are more than was asked for: the mildest. */
  readonly left: number;
}
