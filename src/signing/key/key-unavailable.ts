import { CloudError } from '../../cloud/error.ts';
import { SigningError, type SigningErrorCode } from '../error.ts';

/** What a service or a cloud gave in place of an answer, as a failure of keys; any other error as it is. */
export function keyUnavailable(error: unknown, code: SigningErrorCode = 'KEY_UNAVAILABLE'): unknown {
  if (!(error instanceof CloudError)) return error;
  return new SigningError(code, error.message, error.cause === undefined ? undefined : { cause: error.cause });
}

/** Waits for what speaks to a service or a cloud. @throws SigningError KEY_UNAVAILABLE where that fails */
export async function orKeyUnavailable<Value>(
  value: Promise<Value>,
  code: SigningErrorCode = 'KEY_UNAVAILABLE',
): Promise<Value> {
  try {
    return await value;
  } catch (error) {
    throw keyUnavailable(error, code);
  }
}
