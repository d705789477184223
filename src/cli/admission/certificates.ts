import { join } from 'node:path';
import { type CertificateStore } from '../../admission/certificates/store.ts';
import { openFileStore } from '../../admission/certificates/file-store.ts';
import { openKeptCertificates } from '../../admission/certificates/kept-certificates.ts';
import { serviceNames } from '../../admission/certificates/model.ts';
import { keepMountedAuthority } from '../../admission/certificates/mounted-authority.ts';
import { openMountedCertificates } from '../../admission/certificates/mounted-certificates.ts';
import type { AdmissionMetrics } from '../../admission/metrics.ts';
import type { TlsSource } from '../../admission/server/model.ts';
import { writeFileAtomic } from '../../base/atomic-file.ts';
import type { Logger } from '../../base/logger.ts';
import type { Clock } from '../../net/clock.ts';

/** Certificates that are served, and what keeps them so. */
export interface ServedCertificates {
  readonly tls: TlsSource;
  /** Whether whoever connects trusts them already. */
  readonly isPublished: () => boolean;
  readonly run: (signal: AbortSignal) => Promise<void>;
}

/** Where certificates come from. */
export interface CertificateChoice {
  /** A folder that somebody else fills. */
  readonly folder: string | undefined;
  /** `service` and `namespace` that API servers know the webhook by, or the host of its URL. */
  readonly names: readonly [string, ...string[]];
  /** Where the webhook keeps its own; in the cache where nothing is said. */
  readonly store: CertificateStore | undefined;
  readonly cacheFolder: string;
  /** Has API servers trust a bundle. */
  readonly publish: ((bundle: string) => Promise<boolean>) | undefined;
  readonly metrics: AdmissionMetrics;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The names that a webhook has, of a Service or of an address. */
export function webhookNames(
  service: string | undefined,
  namespace: string | undefined,
  url: string | undefined,
): readonly [string, ...string[]] {
  if (url !== undefined) return [new URL(url).hostname.replace(/^\[|\]$/g, '')];
  if (service !== undefined) return serviceNames(service, namespace ?? 'default');
  return ['localhost'];
}

/** Opens them. @throws AdmissionError */
export async function openCertificates(choice: CertificateChoice): Promise<ServedCertificates> {
  const { folder, names, store, cacheFolder, metrics, clock, logger, publish } = choice;
  if (folder !== undefined) {
    const mounted = await openMountedCertificates({ folder, clock, logger, metrics });
    if (publish === undefined) return { tls: mounted, isPublished: () => true, run: mounted.run };
    const live = { isPublished: false };
    const tell = async (bundle: string): Promise<boolean> => (live.isPublished = await publish(bundle));
    return {
      tls: mounted,
      isPublished: () => live.isPublished,
      async run(signal) {
        await Promise.all([
          mounted.run(signal),
          keepMountedAuthority({ folder, publish: tell, clock, logger }, signal),
        ]);
      },
    };
  }
  const own = join(cacheFolder, 'admission');
  const kept = await openKeptCertificates({
    store: store ?? openFileStore(own),
    plan: { dnsNames: names },
    publish:
      publish ??
      (async (bundle) => {
        await writeFileAtomic(join(own, 'ca.crt'), bundle);
        return true;
      }),
    clock,
    logger,
  });
  return { tls: kept, isPublished: kept.isPublished, run: kept.run };
}
