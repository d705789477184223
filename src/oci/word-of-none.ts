import { isSeaworthyError } from '../base/error.ts';

/**
 * Whether an error is the word of whoever has the content that there is no such blob. Registries answer 401 or 403 as well for what is there
 * and may not be seen: whoever was told that, as the cause, knows nothing of it.
 */
export function isWordOfNone(error: unknown): boolean {
  if (!isSeaworthyError(error) || error.code !== 'BLOB_UNKNOWN') return false;
  return !isSeaworthyError(error.cause) || isWordOfNone(error.cause);
}
