import { CloudKeychains } from '../cloud/keychains.ts';
import { machineDeps } from '../cloud/machine-deps.ts';
import type { Network, NetworkOptions } from '../net/network.ts';
import type { Settings } from './config/settings.ts';
import type { Host } from './host.ts';

/** Ways to the network of a server. */
export interface ServerNetworks {
  readonly network: Network;
  /** Opens another one, which differs by some options. */
  readonly openNetwork: (changes: NetworkOptions) => Network;
}

/** What a server is at clouds, for their registries. No program is run for it. */
export function serverClouds({ network, openNetwork }: ServerNetworks, settings: Settings, host: Host): CloudKeychains {
  return new CloudKeychains(
    machineDeps({
      env: host.env,
      network,
      openNetwork,
      unprovenHosts: [...settings.plainHttp, ...settings.insecure],
      now: host.now,
    }),
  );
}
