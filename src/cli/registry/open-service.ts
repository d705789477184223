import { systemClock } from '../../net/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { RegistryConfig } from '../../registry/config/model.ts';
import { startService } from '../../registry/service/start-service.ts';
import { superviseWorkers } from '../../registry/workers/supervise.ts';
import { databaseFolder } from '../database-folder.ts';
import type { Settings } from '../config/settings.ts';
import type { Host } from '../host.ts';
import { workerScript } from './worker-script.ts';
import type { RegistryNetworks } from './registry-networks.ts';
import type { WorkerSurroundings } from './worker-surroundings.ts';

/** A registry that serves, in this process or in others. */
export interface OpenedService extends AsyncDisposable {
  readonly url: string;
  apply(config: RegistryConfig): Promise<void>;
  refused(): void;
}

/** Starts a registry in this process, or in as many as the configuration says. */
export function openService(
  config: RegistryConfig,
  settings: Settings,
  { host, networks, logger }: { readonly host: Host; readonly networks: RegistryNetworks; readonly logger: Logger },
): Promise<OpenedService> {
  const { env, version, cores, cwd } = host;
  if (config.workers === 1)
    return startService(config, {
      env,
      ...networks,
      clock: systemClock,
      logger,
      version,
      cores,
      vulnerabilityDatabase: databaseFolder(settings),
    });
  const { debug, quiet, offline, insecure, plainHttp, caCert } = settings;
  const surroundings: WorkerSurroundings = {
    settings: { debug, quiet, offline, insecure, plainHttp, caCert },
    vulnerabilityDatabase: databaseFolder(settings),
    cwd,
    cores: Math.max(1, Math.floor(cores / config.workers)),
    version,
  };
  return superviseWorkers(config, { program: workerScript(env), surroundings, logger, clock: systemClock });
}
