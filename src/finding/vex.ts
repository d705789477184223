import type { PackageUrl } from '../package/package-url.ts';

/** What a supplier says of a flaw in a product (CISA, "Minimum Requirements for VEX", 2023, §2.3). */
export type VexStatus = 'not_affected' | 'affected' | 'fixed' | 'under_investigation';

/** One assertion of a VEX document, in the form that all formats have in common. */
export interface VexStatement {
  /** The flaw's main id, as written: `CVE-2024-0001`. */
  readonly id: string;
  /** Other names of the same flaw. */
  readonly aliases: readonly string[];
  /** It speaks of each of these. */
  readonly products: readonly VexProduct[];
  readonly status: VexStatus;
  /** The format's label: `vulnerable_code_not_present`. */
  readonly justification?: string;
  /** The reason, in the supplier's words. */
  readonly statement?: string;
  /** When it was known to be true, in milliseconds since 1970; absent where the document does not say. */
  readonly at?: number;
  /** The document that it stands in, as the user named it. */
  readonly source: string;
}

/** What a statement speaks of. */
export type VexProduct = VexPurlProduct | VexBomProduct;

/** A package or an image. */
export interface VexPurlProduct {
  readonly kind: 'purl';
  /** Names of the same thing, of which one must fit. Never empty. */
  readonly purls: readonly PackageUrl[];
  /** The parts that are meant, of which one must fit; absent for the whole product. */
  readonly subcomponents?: readonly PackageUrl[];
}

/** A part of one bill of materials, or all that it lists (CycloneDX, "BOM-Link"). */
export interface VexBomProduct {
  readonly kind: 'bom';
  readonly bom: BomIdentity;
  /** The part's `bom-ref`; absent for all of it. */
  readonly ref?: string;
}

/** Names one version of a CycloneDX document. */
export interface BomIdentity {
  /** A UUID in lower case. */
  readonly serial: string;
  readonly version: number;
}
