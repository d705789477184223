import { SeaworthyError } from '../../base/error.ts';

/** What can go wrong when a folder is taken over. */
export type ImportErrorCode =
  /** It is neither an OCI layout nor the storage of a registry. */
  'IMPORT_UNKNOWN' | 'IMPORT_UNREADABLE';

/** A folder could not be taken over. */
export class ImportError extends SeaworthyError<ImportErrorCode> {
  override readonly name = 'ImportError';
}
