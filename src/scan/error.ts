import { SeaworthyError } from '../base/error.ts';

/** What can end a scan as a whole. */
export type ScanErrorCode =
  | 'TIMEOUT'
  | 'INTERRUPTED'
  | 'WORKER_FAILED'
  | 'CACHE_UNWRITABLE'
  | 'TARGET_INVALID'
  | 'SBOM_UNUSABLE';

/** A scan could not go on. */
export class ScanError extends SeaworthyError<ScanErrorCode> {
  override readonly name = 'ScanError';
}
