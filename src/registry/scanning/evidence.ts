import type { Digest } from '../../oci/digest.ts';
import type { EvidenceContent } from '../../scan/process/evidence-content.ts';

/** What is known of one image. */
export interface ScanEvidence extends EvidenceContent {
  readonly digest: Digest;
  /** True when whole sets of packages may be missing, or could not be looked up. */
  readonly isIncomplete: boolean;
  /** Distinct packages. */
  readonly packages: number;
  /** Milliseconds since 1970: when its layers were read, and when its findings were looked up last. */
  readonly scannedAt: number;
  readonly judgedAt: number | undefined;
  /** When the vulnerability database was built that was asked; undefined where there was none. */
  readonly databaseBuiltAt: number | undefined;
}
