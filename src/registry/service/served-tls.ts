import type { Logger } from '../../base/logger.ts';
import type { Clock } from '../../net/clock.ts';
import type { RegistryConfig } from '../config/model.ts';
import type { TlsConfig } from '../config/serve/model.ts';
import { type LoadedTls, loadTls } from '../http/tls.ts';
import { watchTls } from '../http/watch-tls.ts';
import type { RegistryMetrics } from '../metrics/registry-metrics.ts';
import type { Registry } from '../open-registry.ts';

/** What certificates are served with. */
export interface ServedTlsOptions {
  readonly registry: Pick<Registry, 'setTls'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: RegistryMetrics;
}

/** The certificate that is served, which follows its files, and the configuration that names them. */
export class ServedTls implements Disposable {
  readonly #options: ServedTlsOptions;
  #served: LoadedTls;
  #files: TlsConfig | undefined;
  #watching = new AbortController();

  /** @param served what the server began with */
  constructor(served: LoadedTls, options: ServedTlsOptions) {
    this.#served = served;
    this.#options = options;
    this.#note();
  }

  /**
   * Serves what the files of a configuration hold, and follows them from now on.
   *
   * @throws RegistryTlsError; what was served before stays
   */
  readonly use = async ({ tls: files }: Pick<RegistryConfig, 'tls'>): Promise<void> => {
    if (files === undefined || isSame(files, this.#files)) return;
    const { clock, logger, metrics } = this.#options;
    this.#serve(await loadTls(files, clock.now()));
    this.#files = files;
    this.#watching.abort();
    this.#watching = new AbortController();
    const watch = watchTls(files, {
      current: this.#served,
      everyMs: files.reloadMs,
      clock,
      onLoad: (loaded) => {
        this.#serve(loaded);
        metrics.add('configChanges', { outcome: 'taken' });
      },
      onFailure: (error) => {
        metrics.add('configChanges', { outcome: 'refused' });
        logger.error('The new certificate is not served', { error });
      },
    });
    void watch.run(this.#watching.signal);
  };

  [Symbol.dispose](): void {
    this.#watching.abort();
  }

  #serve(next: LoadedTls): void {
    if (next.fingerprint === this.#served.fingerprint) return;
    // A certificate that was revoked must not live on in connections that were made with it.
    this.#options.registry.setTls(next.options, next.clientsFingerprint !== this.#served.clientsFingerprint);
    this.#served = next;
    this.#note();
  }

  #note(): void {
    this.#options.metrics.set('certificateExpires', Math.floor(this.#served.expires / 1000));
  }
}

function isSame(one: TlsConfig, other: TlsConfig | undefined): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** Whether clients are asked for their certificates: those who have none log in in another way. */
export function clientCertificates(tls: TlsConfig | undefined): {
  requestCert?: boolean;
  rejectUnauthorized?: boolean;
} {
  return tls?.clientCaFile === undefined ? {} : { requestCert: true, rejectUnauthorized: false };
}
