import { systemClock } from '../../net/clock.ts';
import { watchConfig } from '../../registry/config/watch-config.ts';
import { type ConfigMistake, formatMistake } from '../../codec/yaml/mistake.ts';
import { boundOldGeneration } from '../../base/old-generation.ts';
import type { ResolvedSettings } from '../config/resolve.ts';
import { exitCode } from '../exit-code.ts';
import type { Host } from '../host.ts';
import { openService } from '../registry/open-service.ts';
import { openRegistryNetworks } from '../registry/registry-networks.ts';
import { readRegistryConfig, type RegistryPlace } from '../registry/read-registry-config.ts';
import { tellMistakes } from '../registry/tell-mistakes.ts';
import { serverLogger } from '../server-logger.ts';
import { untilAborted } from '../until-aborted.ts';

/** How often the settings file is looked at, in milliseconds. */
const lookEvery = 5000;

/** How long running requests may take to end, in milliseconds; a second interruption ends them at once. */
const endTime = 25_000;

/** `registry serve`: runs a registry until it is interrupted. */
export async function registryServeCommand(
  place: RegistryPlace,
  { settings }: ResolvedSettings,
  host: Host,
): Promise<number> {
  const read = await readRegistryConfig(place, host);
  const { reading, file, fingerprint, surroundings } = read;
  if (reading.mistakes !== undefined) return tellMistakes(file, reading.mistakes, host);
  const { config } = reading;
  if (config.workers === 1) boundOldGeneration();
  const logger = serverLogger(settings, host);
  const networks = await openRegistryNetworks(settings, host, logger);
  await using _network = networks.network;
  host.endWithin(endTime);
  await using service = await openService(config, settings, { host, networks, logger });
  const warn = (warnings: readonly ConfigMistake[]): void => {
    if (file === undefined || warnings.length === 0) return;
    const told = warnings.map((warning) => formatMistake(file, warning));
    logger.warn('Something in the configuration is hardly meant', { warnings: told });
  };
  warn(reading.warnings);
  logger.info('The registry listens', { url: service.url, data: config.data });
  await host.stdout.write(`${service.url}\n`);
  if (file !== undefined) {
    const watch = watchConfig(file, {
      current: config,
      fingerprint,
      surroundings,
      everyMs: lookEvery,
      clock: systemClock,
      async onConfig(next, { live, restart }) {
        try {
          await service.apply(next);
        } catch (error) {
          service.refused();
          return logger.error('The new configuration could not be taken over; the one in use stays', { error });
        }
        if (live.length > 0) logger.info('The configuration was read again', { changed: live });
        if (restart.length > 0)
          logger.warn('Some settings count when the registry is started again', { changed: restart });
      },
      onWarnings: warn,
      onMistakes(mistakes) {
        service.refused();
        logger.error('The configuration is wrong; the one in use stays', {
          mistakes: mistakes.map((mistake) => formatMistake(file, mistake)),
        });
      },
    });
    void watch.run(host.signal);
  }
  await untilAborted(host.signal);
  logger.info('The registry ends');
  // To be interrupted is how this command ends, and no failure: the shell's status says by what.
  return host.interruptStatus() ?? exitCode.ok;
}
