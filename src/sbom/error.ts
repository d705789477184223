import { SeaworthyError } from '../base/error.ts';

/** What can be wrong with a document of software components. */
export type SbomErrorCode =
  | 'SBOM_UNRECOGNISED'
  | 'SBOM_MALFORMED'
  | 'SBOM_VERSION_UNSUPPORTED'
  | 'SOURCE_DATE_EPOCH_INVALID'
  | 'LIMIT_EXCEEDED';

/** A document of software components could not be read or written. */
export class SbomError extends SeaworthyError<SbomErrorCode> {
  override readonly name = 'SbomError';
}
