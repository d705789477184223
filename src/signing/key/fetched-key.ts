import { isSeaworthyError } from '../../base/error.ts';
import { SigningError } from '../error.ts';
import { parsePublicKey } from './parse-public-key.ts';
import { readPublicKey } from './read-public-key.ts';
import type { VerificationKey } from './verification-key.ts';

/**
 * Reads a public key that a service gave, PEM or DER.
 *
 * @throws SigningError KEY_INVALID
 */
export function readFetchedKey(key: string | Buffer, service: string): VerificationKey {
  try {
    return typeof key === 'string' ? parsePublicKey(key) : readPublicKey(key);
  } catch (cause) {
    if (!isSeaworthyError(cause)) throw cause;
    throw new SigningError('KEY_INVALID', `${service} gave a public key that is not taken here: ${cause.message}`, {
      cause,
    });
  }
}
