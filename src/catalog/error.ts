import { SeaworthyError } from '../base/error.ts';

/** What can be wrong with a file that a cataloger reads. */
export type CatalogErrorCode = 'MALFORMED' | 'UNSUPPORTED' | 'LIMIT_EXCEEDED';

/** A file breaks its format. The scan goes on and reports it as a problem. */
export class CatalogError extends SeaworthyError<CatalogErrorCode> {
  override readonly name = 'CatalogError';
}
