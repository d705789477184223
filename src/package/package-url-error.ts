import { SeaworthyError } from '../base/error.ts';

/** Which rule of the purl specification a text or a value breaks. */
export type PackageUrlErrorCode =
  | 'PURL_SCHEME_MISSING'
  | 'PURL_TYPE_INVALID'
  | 'PURL_NAMESPACE_REQUIRED'
  | 'PURL_NAMESPACE_PROHIBITED'
  | 'PURL_NAMESPACE_INVALID'
  | 'PURL_NAME_MISSING'
  | 'PURL_NAME_INVALID'
  | 'PURL_VERSION_INVALID'
  | 'PURL_QUALIFIER_INVALID'
  | 'PURL_QUALIFIER_REQUIRED'
  | 'PURL_ENCODING_INVALID'
  | 'PURL_TOO_LONG';

/** A text is no package URL, or a value cannot be written as one. */
export class PackageUrlError extends SeaworthyError<PackageUrlErrorCode> {
  override readonly name = 'PackageUrlError';
}
