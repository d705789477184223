import { cleanText } from '../../report/text/clean-text.ts';
import { VerificationError } from '../../signing/verify/verification-error.ts';
import type { Settings } from '../config/settings.ts';
import { describeCauses, describeError } from '../describe-error.ts';
import { verifyExitCode } from '../exit-code.ts';
import type { Host } from '../host.ts';
import { verifyFailureStatus } from './failure-status.ts';

/** What was under way. */
export interface FailedWork {
  readonly settings: Pick<Settings, 'debug'>;
  readonly host: Host;
  /** Ends when the time is up. */
  readonly session: { readonly signal: AbortSignal };
}

/** How a failure is told. */
export interface TellOptions {
  /** Also what was found and what would have passed. */
  readonly facts?: boolean;
  readonly statusOf?: (error: unknown) => number;
}

/**
 * Says on stderr why a command, or its work on one image, failed; gives the exit status.
 *
 * @throws the reason of the user's interruption: everything that breaks after it breaks because of it
 */
export async function tellFailure(
  error: unknown,
  { settings, host, session }: FailedWork,
  { facts = false, statusOf = verifyFailureStatus }: TellOptions = {},
): Promise<number> {
  if (host.signal.aborted) throw host.signal.reason;
  const told: unknown = session.signal.aborted ? session.signal.reason : error;
  await host.stderr.write(`${describeError(told)}\n`);
  if (facts && told instanceof VerificationError) await sayFacts(told, host);
  if (settings.debug) await host.stderr.write(`${describeCauses(error).join('\n')}\n`);
  return statusOf(told);
}

/** Says on stderr what a check found, and what would have passed. */
export async function sayFacts({ facts: { found, wanted } }: VerificationError, { stderr }: Host): Promise<void> {
  if (found !== undefined) await stderr.write(`${cleanText(`  found:  ${found}`)}\n`);
  if (wanted !== undefined) await stderr.write(`${cleanText(`  wanted: ${wanted}`)}\n`);
}

/**
 * Says on stderr that nothing was judged, since none of what is attached could be read: that is never the same as a signature
 * that does not hold. What could not be read, and why, was told before. Gives the exit status.
 */
export async function tellUnread(image: string, what: string, { stderr }: Host): Promise<number> {
  const sentence = `error SIGNATURES_UNAVAILABLE: Whether ${image} has a ${what} cannot be told: what is attached cannot be read`;
  await stderr.write(`${cleanText(sentence)}\n`);
  return verifyExitCode.unknown;
}
