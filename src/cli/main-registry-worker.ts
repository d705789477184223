import { systemClock } from '../net/clock.ts';
import { boundOldGeneration } from '../base/old-generation.ts';
import { startService } from '../registry/service/start-service.ts';
import { serveAsWorker } from '../registry/workers/serve-worker.ts';
import { openRegistryNetworks } from './registry/registry-networks.ts';
import type { WorkerSurroundings } from './registry/worker-surroundings.ts';
import { serverLogger } from './server-logger.ts';
import { openOutput } from './stream-output.ts';

// A terminal and a service manager signal all processes: the first one says when it is over.
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => undefined);

boundOldGeneration();

void serveAsWorker(async (config, surroundings) => {
  const { settings, cwd, cores, version, vulnerabilityDatabase } = surroundings as WorkerSurroundings;
  const { env } = process;
  const host = { env, cwd, version, stderr: openOutput(process.stderr, 'stderr'), now: () => new Date() };
  const logger = serverLogger(settings, host);
  const networks = await openRegistryNetworks(settings, host, logger);
  const service = await startService(config, {
    env,
    ...networks,
    clock: systemClock,
    logger,
    version,
    cores,
    isWorker: true,
    vulnerabilityDatabase,
  });
  return {
    ...service,
    async [Symbol.asyncDispose]() {
      await service[Symbol.asyncDispose]();
      await networks.network[Symbol.asyncDispose]();
    },
  };
});
