import type { Settings } from '../config/settings.ts';
import { ConfigError } from '../config/error.ts';
import { describeCauses, describeError } from '../describe-error.ts';
import type { Host } from '../host.ts';
import { verifyFailureStatus } from './failure-status.ts';
import { SigningSession } from './session.ts';

/** Does the work of a command that looks at what is attached to images, with the exit statuses of `verify` for failures. */
export async function guarded(
  settings: Settings,
  host: Host,
  work: (session: SigningSession) => Promise<number>,
): Promise<number> {
  await using session = new SigningSession(settings, host);
  try {
    return await work(session);
  } catch (error) {
    if (host.signal.aborted) throw host.signal.reason;
    if (error instanceof ConfigError) throw error;
    const told = session.signal.aborted ? session.signal.reason : error;
    await host.stderr.write(`${describeError(told)}\n`);
    if (settings.debug) await host.stderr.write(`${describeCauses(error).join('\n')}\n`);
    return verifyFailureStatus(told);
  }
}
