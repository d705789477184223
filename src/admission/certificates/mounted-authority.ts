import { join } from 'node:path';
import { readCappedFile } from '../../base/capped-file.ts';
import { errorMessage } from '../../base/error.ts';
import type { Logger } from '../../base/logger.ts';
import type { Clock } from '../../net/clock.ts';
import { AdmissionError } from '../error.ts';
import { admissionLimits } from '../limits.ts';
import { readCertificate } from './read-keyed.ts';

/** An authority that somebody else keeps, and how API servers hear of it. */
export interface MountedAuthorityOptions {
  /** Holds `ca.crt`, as Secrets of cert-manager do. */
  readonly folder: string;
  /** Has API servers trust a bundle; false to be asked again. */
  readonly publish: (bundle: string) => Promise<boolean>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Milliseconds between two looks; ten seconds unless said otherwise. */
  readonly everyMs?: number;
}

/**
 * Has API servers trust what lies beside mounted certificates, again at each look, so that what others changed is mended. While there is
 * nothing to be trusted, nothing is published, which is told once: a webhook that API servers do not trust would refuse everything.
 */
export async function keepMountedAuthority(options: MountedAuthorityOptions, signal: AbortSignal): Promise<void> {
  const { folder, publish, clock, logger, everyMs = 10_000 } = options;
  const path = join(folder, 'ca.crt');
  let told = '';
  while (!signal.aborted) {
    try {
      await publish(await read(path));
      told = '';
    } catch (error) {
      const why = errorMessage(error);
      const sentence = 'The authority of the certificates could not be published; the webhook is registered when it is';
      if (why !== told) logger.warn(sentence, { path, error });
      told = why;
    }
    await clock.sleep(everyMs, signal).catch(() => undefined);
  }
}

/** @throws AdmissionError CERTIFICATE_UNREADABLE, or the system's error */
async function read(path: string): Promise<string> {
  const text = (await readCappedFile(path, admissionLimits.certificateBytes))?.toString('latin1') ?? '';
  // What is registered can be read by many.
  if (readCertificate(text) !== undefined && !text.includes('PRIVATE KEY')) return text;
  throw new AdmissionError('CERTIFICATE_UNREADABLE', `${path} holds no authority in PEM; put it there, without a key`);
}
