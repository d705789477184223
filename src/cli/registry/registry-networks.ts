import type { Logger } from '../../base/logger.ts';
import type { Network } from '../../net/network.ts';
import { openNetwork } from '../../net/open-network.ts';
import type { ServiceOptions } from '../../registry/service/start-service.ts';
import { networkOptionsOf } from '../network.ts';

/** How a registry speaks to others. */
export interface RegistryNetworks {
  readonly network: Network;
  readonly openNetwork: NonNullable<ServiceOptions['openNetwork']>;
  readonly unprovenHosts: NonNullable<ServiceOptions['unprovenHosts']>;
  readonly networkTrusting: NonNullable<ServiceOptions['networkTrusting']>;
}

/** Opens what a registry speaks to others with, by the settings that all commands have; whoever gets it closes it. */
export async function openRegistryNetworks(
  settings: Parameters<typeof networkOptionsOf>[0],
  host: Parameters<typeof networkOptionsOf>[1],
  logger: Logger,
): Promise<RegistryNetworks> {
  const options = { ...(await networkOptionsOf(settings, host)), logger };
  const { authorities = [] } = options.tls ?? {};
  return {
    network: openNetwork({ ...options, widthPerHost: 256 }),
    unprovenHosts: [...settings.plainHttp, ...settings.insecure],
    openNetwork: (changes) => openNetwork({ ...options, ...changes }),
    networkTrusting: (authority) =>
      openNetwork({ ...options, tls: { ...options.tls, authorities: [...authorities, authority] } }),
  };
}
