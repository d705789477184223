import { join } from 'node:path';
import { readCappedFile } from '../../base/capped-file.ts';
import { FileWatch } from '../../base/file-watch.ts';
import { fingerprintOf } from '../../base/fingerprint.ts';
import type { Logger } from '../../base/logger.ts';
import type { Clock } from '../../net/clock.ts';
import { AdmissionError } from '../error.ts';
import { admissionLimits } from '../limits.ts';
import type { AdmissionMetrics } from '../metrics.ts';
import type { TlsMaterial, TlsSource } from '../server/model.ts';
import { ChangingMaterial } from './changing-material.ts';
import { defaultLifetimes } from './model.ts';
import { readMaterial } from './read-keyed.ts';

/** Where certificates are that somebody else makes. */
export interface MountedCertificatesOptions {
  /** Holds `tls.crt` and `tls.key`, as Secrets of type `kubernetes.io/tls` do and cert-manager writes them. */
  readonly folder: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: AdmissionMetrics;
  /** Milliseconds between two looks; ten seconds unless said otherwise. */
  readonly everyMs?: number;
}

/** Certificates that follow their files. */
export interface MountedCertificates extends TlsSource {
  /** Looks now. */
  readonly check: () => Promise<void>;
  /** Looks in intervals until the signal is aborted. */
  readonly run: (signal: AbortSignal) => Promise<void>;
}

/**
 * Serves what lies in a folder. New files take the place of the old ones when they are good; as long as they are not, such as while only
 * one of the two was replaced, what was served stays, and that is told.
 *
 * @throws AdmissionError where there is nothing to begin with
 */
export async function openMountedCertificates(options: MountedCertificatesOptions): Promise<MountedCertificates> {
  const { folder, clock, logger, metrics, everyMs = 10_000 } = options;
  const first = await load(folder, clock.now());
  const served = new ChangingMaterial(first);
  const watch = new FileWatch({
    paths: pathsOf(folder),
    fingerprint: fingerprintOf([first.certificate, first.key]),
    everyMs,
    clock,
    async onChange() {
      try {
        served.set(await load(folder, clock.now()));
      } catch (error) {
        metrics.certificate('refused');
        logger.error('The new certificate is not served; the one before it is', { error });
      }
    },
  });
  return {
    current: served.current,
    onChange: served.onChange,
    check: () => watch.check(),
    run: (signal) => watch.run(signal),
  };
}

function pathsOf(folder: string): [certificate: string, key: string] {
  return [join(folder, 'tls.crt'), join(folder, 'tls.key')];
}

async function load(folder: string, now: number): Promise<TlsMaterial> {
  const [certificate, key] = pathsOf(folder);
  const keyed = { certificate: await readText(certificate), key: await readText(key) };
  return readMaterial(keyed, { certificate, key }, now, defaultLifetimes.skew);
}

async function readText(path: string): Promise<string> {
  let bytes: Buffer | undefined;
  try {
    bytes = await readCappedFile(path, admissionLimits.certificateBytes);
  } catch (cause) {
    const { code = 'it failed' } = cause as NodeJS.ErrnoException;
    const sentence = `${path} cannot be read (${code}); check that it is there and that this user may read it`;
    throw new AdmissionError('CERTIFICATE_UNREADABLE', sentence, { cause });
  }
  if (bytes !== undefined) return bytes.toString('latin1');
  throw new AdmissionError('CERTIFICATE_UNREADABLE', `${path} is far too large to be PEM; put the right file there`);
}
