import { Registry } from 'prom-client';
import { silentLogger } from '../../src/base/logger.ts';
import { AdmissionMetrics } from '../../src/admission/metrics.ts';
import type { TlsMaterial, TlsSource } from '../../src/admission/server/model.ts';
import {
  type AdmissionServer,
  type AdmissionServerOptions,
  openAdmissionServer,
} from '../../src/admission/server/open-admission-server.ts';
import { makeCertificate, type TestCertificate } from '../registry/certificate.ts';

/** The authority of {@link ownTls}. */
export const ownAuthority: TestCertificate = makeCertificate('Example CA');

/** A certificate for `localhost`. */
export function ownMaterial(name: string, issuer: TestCertificate = ownAuthority): TlsMaterial {
  const { cert, key } = makeCertificate(name, { issuer, dnsNames: ['localhost'] });
  return { certificate: cert, key, expires: Date.now() + 86_400_000 };
}

/** A certificate that a test changes. */
export interface OwnTls extends TlsSource {
  readonly change: (material: TlsMaterial) => void;
}

/** Makes an {@link OwnTls}. */
export function ownTls(first: TlsMaterial = ownMaterial('first')): OwnTls {
  let current = first;
  const listeners = new Set<(material: TlsMaterial) => void>();
  return {
    current: () => current,
    onChange(serve) {
      listeners.add(serve);
      return () => void listeners.delete(serve);
    },
    change(material) {
      current = material;
      for (const serve of listeners) serve(material);
    },
  };
}

/** A webhook on loopback that closes at once where nothing is said, with its metrics. */
export async function openOwnServer(
  options: Pick<AdmissionServerOptions, 'judge'> & Partial<AdmissionServerOptions>,
): Promise<AdmissionServer & { readonly metrics: AdmissionMetrics }> {
  const metrics = options.metrics ?? new AdmissionMetrics(new Registry());
  const server = await openAdmissionServer({
    listen: { host: '127.0.0.1', port: 0 },
    tls: ownTls(),
    logger: silentLogger,
    ...options,
    metrics,
    limits: { drainTime: 0, ...options.limits },
  });
  return Object.assign(server, { metrics });
}
