import { isNetError } from '../../net/error.ts';
import { OciError, type OciErrorCode } from '../../oci/error.ts';
import { SigningError } from '../error.ts';

/** What is wrong with one attachment alone; everything else may hide others as well. */
const ownFaults: ReadonlySet<OciErrorCode> = new Set([
  'IMAGE_NOT_FOUND',
  'BLOB_UNKNOWN',
  'DIGEST_MISMATCH',
  'SIZE_MISMATCH',
  'MANIFEST_INVALID',
  'MANIFEST_UNSUPPORTED',
  'LIMIT_EXCEEDED',
]);

/** True for an error that one attachment caused and that says nothing about others. */
export function isOwnFault(error: unknown): error is OciError {
  return error instanceof OciError && ownFaults.has(error.code);
}

/**
 * Looks something up that decides whether an image counts as signed. A registry that cannot be asked, that refuses, or
 * that answers nonsense is never the same as one that has nothing.
 *
 * @param what completes "… could not be looked up"
 * @throws SigningError SIGNATURES_UNAVAILABLE, with the cause; what is no fault of the registry passes as it is
 */
export async function lookUp<Result>(what: string, look: () => Promise<Result>): Promise<Result> {
  try {
    return await look();
  } catch (error) {
    if (!(error instanceof OciError) && !isNetError(error)) throw error;
    const sentence = `${what} could not be looked up, which says nothing about whether there are any: ${error.message}`;
    throw new SigningError('SIGNATURES_UNAVAILABLE', sentence, { cause: error });
  }
}
