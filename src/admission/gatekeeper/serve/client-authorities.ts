import { X509Certificate } from 'node:crypto';
import { readCappedFile } from '../../../base/capped-file.ts';
import { FileWatch } from '../../../base/file-watch.ts';
import { fingerprintOf } from '../../../base/fingerprint.ts';
import type { Logger } from '../../../base/logger.ts';
import type { Clock } from '../../../net/clock.ts';
import { AdmissionError } from '../../error.ts';
import { admissionLimits } from '../../limits.ts';
import { gatekeeperLimits } from '../limits.ts';

/** Who vouches for clients, and what follows the file that says it. */
export interface ClientAuthorities {
  /** PEM, one each. */
  readonly current: () => readonly string[];
  /** Looks now. */
  readonly check: () => Promise<void>;
  /** Looks in intervals until the signal is aborted. */
  readonly run: (signal: AbortSignal) => Promise<void>;
}

/** Where authorities are, and who is told of others. */
export interface ClientAuthoritiesOptions {
  readonly path: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Called each time that there are others in the place of those before. */
  readonly onChange: () => void;
}

const block = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/**
 * Reads whose certificates clients must show, and follows the file: `ca.crt` of Gatekeeper's Secret, which it renews. While the file
 * cannot be read, those before count on: an empty list would let nobody in, and none at all would let in everybody.
 *
 * @throws AdmissionError CERTIFICATE_UNREADABLE where there is nothing to begin with
 */
export async function openClientAuthorities(options: ClientAuthoritiesOptions): Promise<ClientAuthorities> {
  const { path, clock, logger, onChange } = options;
  const first = await readText(path);
  let current = readAuthorities(first, path);
  const watch = new FileWatch({
    paths: [path],
    fingerprint: fingerprintOf([first]),
    everyMs: gatekeeperLimits.lookTime,
    clock,
    async onChange() {
      try {
        current = readAuthorities(await readText(path), path);
      } catch (error) {
        logger.error('The new authorities of clients do not count; those before them do', { error });
        return;
      }
      logger.info('Other authorities of clients count', { authorities: current.length });
      onChange();
    },
  });
  return { current: () => current, check: () => watch.check(), run: (signal) => watch.run(signal) };
}

function readAuthorities(text: string, path: string): readonly string[] {
  const blocks = text.match(block) ?? [];
  if (blocks.length === 0) throw unreadable(`${path} holds no certificates in PEM`);
  if (blocks.length > admissionLimits.certificates) {
    throw unreadable(`${path} holds more than ${admissionLimits.certificates} certificates`);
  }
  let read: readonly X509Certificate[];
  try {
    read = blocks.map((each) => new X509Certificate(each));
  } catch (cause) {
    throw unreadable(`${path} holds a certificate that cannot be read`, cause);
  }
  if (!read.some(({ ca }) => ca)) throw unreadable(`${path} holds no certificate of an authority`);
  return read.map(String);
}

async function readText(path: string): Promise<string> {
  let bytes: Buffer | undefined;
  try {
    bytes = await readCappedFile(path, admissionLimits.certificateBytes);
  } catch (cause) {
    const { code = 'it failed' } = cause as NodeJS.ErrnoException;
    throw unreadable(`${path} cannot be read (${code})`, cause);
  }
  if (bytes === undefined) throw unreadable(`${path} is far too large to be PEM`);
  return bytes.toString('latin1');
}

function unreadable(what: string, cause?: unknown): AdmissionError {
  const sentence = `It cannot be told whose clients count: ${what}; name the file with Gatekeeper's authority, ca.crt of its Secret`;
  return new AdmissionError('CERTIFICATE_UNREADABLE', sentence, cause === undefined ? {} : { cause });
}
