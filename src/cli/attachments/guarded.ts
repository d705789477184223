import { OciError, type OciErrorCode } from '../../oci/error.ts';
import { VerificationError } from '../../signing/verify/verification-error.ts';
import { ConfigError } from '../config/error.ts';
import type { Settings } from '../config/settings.ts';
import { exitCode } from '../exit-code.ts';
import type { Host } from '../host.ts';
import { verifyFailureStatus } from '../signing/failure-status.ts';
import { SigningSession } from '../signing/session.ts';
import { tellFailure } from '../signing/tell-failure.ts';

/** What was looked up well enough, and still keeps the command from doing what it was told. */
const refusals: ReadonlySet<OciErrorCode> = new Set([
  'IMAGE_EXISTS',
  'IMAGE_AMBIGUOUS',
  'PLATFORM_INVALID',
  'PLATFORM_UNAVAILABLE',
  'LAYOUT_INVALID',
  'DELETE_UNSUPPORTED',
  'CONFLICT',
]);

/**
 * Does the work of a command that handles what is attached to images: 11 when the image is not there, 14 when it could not
 * be looked up, 2 for all other failures.
 */
export async function guarded(
  settings: Settings,
  host: Host,
  work: (session: SigningSession) => Promise<number>,
): Promise<number> {
  await using session = new SigningSession(settings, host);
  try {
    return await work(session);
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    return await tellFailure(error, { settings, host, session }, { statusOf: failureStatus });
  }
}

function failureStatus(error: unknown): number {
  // Nothing is verified here: what is malformed was given so.
  if (error instanceof VerificationError) return exitCode.error;
  if (error instanceof OciError && refusals.has(error.code)) return exitCode.error;
  return verifyFailureStatus(error);
}
