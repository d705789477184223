import { SeaworthyError } from '../../base/error.ts';

/** What can be wrong with an ignore file as a whole; a single line or item that cannot be used is a warning instead. */
export type IgnoreErrorCode =
  | 'IGNORE_TOO_LARGE'
  | 'IGNORE_TOO_MANY_RULES'
  | 'IGNORE_TOO_MANY_ALIASES'
  | 'IGNORE_YAML_SYNTAX'
  | 'IGNORE_YAML_SHAPE'
  | 'IGNORE_DATE_INVALID'
  | 'IGNORE_PATH_INVALID'
  | 'IGNORE_PURL_INVALID';

/** An ignore file that cannot be used. */
export class IgnoreError extends SeaworthyError<IgnoreErrorCode> {
  override readonly name = 'IgnoreError';
}
