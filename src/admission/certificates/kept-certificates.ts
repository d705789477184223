import { type Logger } from '../../base/logger.ts';
import type { Clock } from '../../net/clock.ts';
import { AdmissionError } from '../error.ts';
import type { TlsMaterial, TlsSource } from '../server/model.ts';
import { ChangingMaterial } from './changing-material.ts';
import type { CertificatePlan, CertificateState } from './model.ts';
import { defaultLifetimes } from './model.ts';
import { planRotation } from './plan-rotation.ts';
import { readMaterial } from './read-keyed.ts';
import type { CertificateStore } from './store.ts';

/** What the webhook's own certificates are kept with. */
export interface KeptCertificatesOptions {
  readonly store: CertificateStore;
  readonly plan: CertificatePlan;
  /**
   * Has whoever connects trust a bundle. It is called at each look, so that a bundle that somebody else changed is mended.
   *
   * @returns true when all of them do, the last API server included; false to be asked again at the next look
   */
  readonly publish: (bundle: string) => Promise<boolean>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Milliseconds between two looks, which is also how long replicas may differ; a minute unless said otherwise. */
  readonly everyMs?: number;
}

/** Certificates that the webhook makes itself, and replaces in time. */
export interface KeptCertificates extends TlsSource {
  /** What is to be trusted now, in PEM. */
  readonly bundle: () => string;
  /** Whether all who connect trust what is served: the webhook is not ready before. */
  readonly isPublished: () => boolean;
  /** Looks now. @throws AdmissionError CERTIFICATE_STORE_FAILED; what is served stays */
  readonly check: () => Promise<void>;
  /** Looks in intervals until the signal is aborted; what fails is told and tried again. */
  readonly run: (signal: AbortSignal) => Promise<void>;
}

/** Replicas that write at the same moment; each time one of them succeeds. */
const mostAttempts = 20;

/**
 * Reads or makes certificates, and has them published.
 *
 * @throws AdmissionError CERTIFICATE_STORE_FAILED
 */
export async function openKeptCertificates(options: KeptCertificatesOptions): Promise<KeptCertificates> {
  const { clock, logger, everyMs = 60_000 } = options;
  const first = await look(options);
  const served = new ChangingMaterial(first.material);
  let latest = first;
  let looking: Promise<void> = Promise.resolve();
  const check = (): Promise<void> => {
    const next = looking.then(async () => {
      latest = await look(options);
      served.set(latest.material);
    });
    looking = next.catch(() => undefined);
    return next;
  };
  return {
    current: served.current,
    onChange: served.onChange,
    bundle: () => latest.bundle,
    isPublished: () => latest.state.isPublished,
    check,
    async run(signal) {
      while (!signal.aborted) {
        await clock.sleep(everyMs, signal).catch(() => undefined);
        if (signal.aborted) return;
        await check().catch((error: unknown) => logger.error('Certificates could not be looked at', { error }));
      }
    },
  };
}

interface Look {
  readonly state: CertificateState;
  readonly bundle: string;
  readonly material: TlsMaterial;
}

/** Does what is to be done, one step after the other, each on what is kept at that moment. */
async function look(options: KeptCertificatesOptions): Promise<Look> {
  const { store, plan, clock, logger } = options;
  for (let attempt = 0; attempt < mostAttempts; attempt += 1) {
    const now = clock.now();
    const stored = await store.read();
    const { state, steps, bundle } = planRotation(stored?.state, now, plan);
    if (steps.length > 0) {
      // What is served is what is kept: a leaf of an authority that lost the race would be trusted by nobody.
      if (await store.write(state, stored?.revision)) logger.info('Certificates were renewed', { steps });
      continue;
    }
    const isPublished = await published(options, bundle);
    if (isPublished && !state.isPublished) {
      await store.write({ ...state, isPublished }, stored?.revision);
      continue;
    }
    const names = { certificate: 'the store', key: 'the store' };
    const skew = plan.lifetimes?.skew ?? defaultLifetimes.skew;
    return { state, bundle, material: readMaterial(state.leaf, names, now, skew) };
  }
  throw new AdmissionError(
    'CERTIFICATE_STORE_FAILED',
    'The certificates that are kept change without end; look for another webhook that keeps its own in the same place',
  );
}

async function published({ publish, logger }: KeptCertificatesOptions, bundle: string): Promise<boolean> {
  try {
    return await publish(bundle);
  } catch (error) {
    logger.warn('The authority of the webhook could not be published', { error });
    return false;
  }
}
