import { SeaworthyError } from '../../base/error.ts';

/** What can be wrong with what a configuration names. Mistakes in the configuration itself are values. */
export type RegistryConfigErrorCode =
  /** A file or variable that holds a secret is not there, is empty, or is far too large. */
  'SECRET_UNREADABLE';

/** What a configuration names cannot be used. The message never holds a secret. */
export class RegistryConfigError extends SeaworthyError<RegistryConfigErrorCode> {
  override readonly name = 'RegistryConfigError';
}
