import type { Logger } from '../../base/logger.ts';
import type { AdmissionMetrics } from '../metrics.ts';
import type { TlsMaterial, TlsSource } from './model.ts';

/** What follows its certificate, and how. */
export interface FollowedCertificate {
  readonly tls: TlsSource;
  /** @throws what OpenSSL says of a certificate that it refuses */
  readonly serve: (material: TlsMaterial) => void;
  readonly logger: Logger;
  /** Absent where another listener of the same certificate counts it. */
  readonly metrics?: AdmissionMetrics;
}

/** Has each new certificate served in the place of the one before, without ending a connection. @returns what ends that */
export function followCertificate({ tls, serve, logger, metrics }: FollowedCertificate): () => void {
  metrics?.serving(tls.current().expires);
  return tls.onChange((material) => {
    try {
      serve(material);
    } catch (error) {
      // Whoever gives certificates out has looked at them; what OpenSSL still refuses must not end what is served.
      metrics?.certificate('refused');
      logger.error('The new certificate cannot be served; the one before it is', { error });
      return;
    }
    metrics?.certificate('served');
    metrics?.serving(material.expires);
    logger.info('A new certificate is served', { expires: new Date(material.expires).toISOString() });
  });
}
