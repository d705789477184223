import type { Problem } from '../base/problem.ts';
import type { ImageLayerFacts } from '../finding/scan-report.ts';
import type { Digest } from '../oci/digest.ts';
import type { Platform } from '../oci/platform.ts';
import type { Distro } from '../package/distro.ts';
import type { InventoryPackage } from '../package/package.ts';

/** A bill of materials as it stands between the formats: encoders write it, decoders read it. */
export interface SbomDocument {
  readonly subject: SbomSubject;
  readonly distro?: Distro;
  /** In the order of an inventory. */
  readonly packages: readonly SbomPackage[];
  /** Between packages; that the subject contains them goes without saying. Sorted, without duplicates. */
  readonly relationships: readonly SbomRelationship[];
  /** What the producer could not look at, or what a decoder could not use. */
  readonly problems: readonly Problem[];
  readonly tool: SbomTool;
  /**
   * Names what made the list of packages, where a registry's scan did: a program that would make another list of the same image
   * must not take this one for its own.
   */
  readonly scanSignature?: string;
  /** RFC 3339, UTC, whole seconds: the form that SPDX 2.3 §6.9 asks for. */
  readonly createdAt: string;
  /** Names the document: version 5, of its content, in documents that this program writes. */
  readonly uuid: string;
}

/** What the document is about. */
export interface SbomSubject {
  readonly name: string;
  readonly type: 'container_image' | 'filesystem';
  /** Present where the source tells the image's manifest. */
  readonly manifestDigest?: Digest;
  readonly imageId?: Digest;
  readonly platform?: Platform;
  readonly repoTags: readonly string[];
  readonly repoDigests: readonly string[];
  /** Lowest first. */
  readonly layers: readonly ImageLayerFacts[];
  /** `pkg:oci/…` (purl-spec, types/oci), where a registry's name and digest are known. */
  readonly purl?: string;
}

/** A package with the name that it goes by inside the document. */
export interface SbomPackage extends InventoryPackage {
  /** Letters, digits, `.` and `-` only (SPDX 2.3 §7.2); unique in the document. */
  readonly id: string;
}

/** An edge between two packages of a document, by their ids. */
export interface SbomRelationship {
  readonly from: string;
  /** `contains`: an OS package brought the files of a language package. */
  readonly kind: 'contains' | 'depends-on';
  readonly to: string;
}

/** The program that wrote a document. */
export interface SbomTool {
  readonly name: string;
  readonly version: string;
}
