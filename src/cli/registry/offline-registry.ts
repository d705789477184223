import { systemClock } from '../../net/clock.ts';
import { openNetwork } from '../../net/open-network.ts';
import type { RegistryConfig } from '../../registry/config/model.ts';
import { openRegistry, type Registry } from '../../registry/open-registry.ts';
import { openExistingStores, openStores, type Stores } from '../../registry/service/open-stores.ts';
import { tagGuardOf } from '../../registry/service/tag-guard.ts';
import type { ResolvedSettings } from '../config/resolve.ts';
import type { Host } from '../host.ts';
import { loggerOf } from '../logger.ts';
import { networkOptionsOf } from '../network.ts';
import { readRegistryConfig, type RegistryPlace } from './read-registry-config.ts';
import { tellMistakes } from './tell-mistakes.ts';

/** The stores of a registry, for a command that works on them directly. A registry may be serving from them meanwhile. */
export interface OpenedRegistry extends Stores {
  readonly config: RegistryConfig;
  readonly content: Registry['content'];
}

/**
 * Opens the stores that the configuration names, does the work, and closes them; mistakes of the configuration are told.
 *
 * @param absent whether a registry that is not there yet is made
 * @throws StoreError STORE_ABSENT where it is refused
 */
export async function withRegistry(
  place: RegistryPlace,
  { settings }: ResolvedSettings,
  host: Host,
  work: (registry: OpenedRegistry) => Promise<number>,
  absent: 'make' | 'refuse' = 'refuse',
): Promise<number> {
  const { reading, file } = await readRegistryConfig(place, host, 'stores');
  if (reading.mistakes !== undefined) return tellMistakes(file, reading.mistakes, host);
  const { config } = reading;
  const logger = loggerOf(settings, host);
  await using network = openNetwork({ ...(await networkOptionsOf(settings, host)), widthPerHost: 64 });
  const open = absent === 'make' ? openStores : openExistingStores;
  await using stores = await open(config, { env: host.env, network, logger });
  const { database, blobs } = stores;
  const { content } = await openRegistry({
    database,
    blobs,
    logger,
    guard: tagGuardOf(config),
    now: () => host.now().getTime(),
    wait: (milliseconds, signal) => systemClock.sleep(milliseconds, signal),
    blobBytes: config.uploads.maxBytes,
  });
  return await work({ ...stores, config, content, [Symbol.asyncDispose]: () => Promise.resolve() });
}
