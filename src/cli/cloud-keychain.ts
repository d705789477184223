import type { CloudKeychains } from '../cloud/keychains.ts';
import { openNetwork } from '../net/open-network.ts';
import type { Keychain } from '../oci/client/credential.ts';
import type { Settings } from './config/settings.ts';
import type { Host } from './host.ts';
import { networkOptionsOf } from './network.ts';

/** What this machine or user is at clouds, for their registries. What it takes is loaded when a registry first asks who is there. */
export function cloudKeychain(settings: Settings, host: Host): Keychain {
  let opened: Promise<CloudKeychains> | undefined;
  return {
    async find(registry, repository, signal) {
      opened ??= open(settings, host);
      return await (await opened).any.find(registry, repository, signal);
    },
  };
}

/** Its connections keep no process alive. */
async function open(settings: Settings, host: Host): Promise<CloudKeychains> {
  const [{ CloudKeychains: Keychains }, { machineDeps }, { runCredentialProgram }] = await Promise.all([
    import('../cloud/keychains.ts'),
    import('../cloud/machine-deps.ts'),
    import('../cloud/run-program.ts'),
  ]);
  const options = await networkOptionsOf(settings, host);
  return new Keychains(
    machineDeps({
      env: host.env,
      network: openNetwork(options),
      openNetwork: (changes) => openNetwork({ ...options, ...changes }),
      unprovenHosts: [...settings.plainHttp, ...settings.insecure],
      exec: runCredentialProgram,
      now: host.now,
    }),
  );
}
