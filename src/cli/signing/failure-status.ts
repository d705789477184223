import { isSeaworthyError } from '../../base/error.ts';
import { NetError } from '../../net/error.ts';
import { OciError } from '../../oci/error.ts';
import { SigningError, type SigningErrorCode } from '../../signing/error.ts';
import { VerificationError } from '../../signing/verify/verification-error.ts';
import { exitCode, verifyExitCode } from '../exit-code.ts';

/** Of what keeps a command from looking, what the user gave is an error (2); the rest is "could not look". */
const usersOwn: ReadonlySet<SigningErrorCode> = new Set([
  'KEY_INVALID',
  'KEY_UNREADABLE',
  'KEY_PASSWORD_WRONG',
  'KEY_REFERENCE_INVALID',
  'TRUSTED_ROOT_INVALID',
  'SIGNING_CONFIG_INVALID',
  'TRUST_POLICY_INVALID',
  'TRUST_STORE_INVALID',
  'IDENTITY_PATTERN_INVALID',
  'IDENTITY_TOKEN_INVALID',
  'PREDICATE_INVALID',
]);

/** The exit status of a verification that ended with an error. */
export function verifyFailureStatus(error: unknown): number {
  if (error instanceof VerificationError) return verifyExitCode.noMatch;
  if (error instanceof OciError) {
    if (error.code === 'IMAGE_NOT_FOUND') return verifyExitCode.imageNotFound;
    return error.code === 'REFERENCE_INVALID' ? exitCode.error : verifyExitCode.unknown;
  }
  if (error instanceof SigningError) return usersOwn.has(error.code) ? exitCode.error : verifyExitCode.unknown;
  if (error instanceof NetError) return verifyExitCode.unknown;
  return isSeaworthyError(error) && error.code === 'TIMEOUT' ? verifyExitCode.unknown : exitCode.error;
}
