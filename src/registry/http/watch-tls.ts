import type { Clock } from '../../net/clock.ts';
import { FileWatch } from '../../base/file-watch.ts';
import { type LoadedTls, loadTls, type TlsFiles } from './tls.ts';
import { RegistryTlsError } from './tls-error.ts';

/** How certificates are watched, and who hears of new ones. */
export interface WatchTlsOptions {
  /** What is served now. */
  readonly current: LoadedTls;
  readonly everyMs: number;
  readonly clock: Clock;
  /** New certificates; serve them from now on. */
  readonly onLoad: (loaded: LoadedTls) => void;
  /** The files changed and cannot be served; what is served stays. Half-written files pass by themselves. */
  readonly onFailure: (error: RegistryTlsError) => void;
}

/** Watches the files of a certificate, so that a new one is served without a restart. */
export function watchTls(files: TlsFiles, options: WatchTlsOptions): FileWatch {
  const { current, everyMs, clock, onLoad, onFailure } = options;
  return new FileWatch({
    paths: [files.certFile, files.keyFile, files.clientCaFile, files.clientCrlFile],
    fingerprint: current.fingerprint,
    everyMs,
    clock,
    async onChange() {
      try {
        onLoad(await loadTls(files, clock.now()));
      } catch (error) {
        if (!(error instanceof RegistryTlsError)) throw error;
        onFailure(error);
      }
    },
  });
}
