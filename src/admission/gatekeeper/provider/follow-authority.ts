import { X509Certificate } from 'node:crypto';
import { errorMessage } from '../../../base/error.ts';
import { readCappedFile } from '../../../base/capped-file.ts';
import type { Logger } from '../../../base/logger.ts';
import type { Clock } from '../../../net/clock.ts';
import { admissionLimits } from '../../limits.ts';
import { gatekeeperLimits } from '../limits.ts';

/** What is published from a file, and by whom. */
export interface FollowAuthorityOptions {
  /** `ca.crt` beside certificates that somebody else makes, such as cert-manager. */
  readonly path: string;
  readonly publish: (bundle: string) => Promise<boolean>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Publishes the authority of certificates that somebody else makes, again and again, until the signal is aborted. */
export async function followAuthority(options: FollowAuthorityOptions, signal: AbortSignal): Promise<void> {
  const { path, publish, clock, logger } = options;
  let told = '';
  while (!signal.aborted) {
    try {
      await publish(await readAuthority(path));
      told = '';
    } catch (error) {
      const why = errorMessage(error);
      // It may be so for hours.
      if (why !== told) logger.warn('Gatekeeper could not be told whom to trust', { path, error });
      told = why;
    }
    await clock.sleep(gatekeeperLimits.providerTime, signal).catch(() => undefined);
  }
}

async function readAuthority(path: string): Promise<string> {
  const text = (await readCappedFile(path, admissionLimits.certificateBytes))?.toString('latin1') ?? '';
  // A file with a key in it must not be handed to a cluster.
  if (/PRIVATE KEY/.test(text)) throw new Error(`${path} holds a private key`);
  void new X509Certificate(text);
  return text;
}
