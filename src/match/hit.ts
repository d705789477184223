import type { FixStatus } from '../finding/advisory.ts';
import type { Severity } from '../finding/severity.ts';
import type { AdvisoryDetail } from '../vulndb/stored.ts';

/** An advisory that touches an installed package. */
export interface Hit {
  readonly detail: AdvisoryDetail;
  /** What it says of this package apart from the flaw as a whole. */
  readonly severity?: Severity;
  readonly status?: FixStatus;
  /** Versions that end the flaw by this advisory, the nearest first. */
  readonly fixed: readonly string[];
}
