import { accessKeychain } from '../../admission/credentials/access-keychain.ts';
import { ImageJudge } from '../../admission/image/image-judge.ts';
import { imageLimits } from '../../admission/image/limits.ts';
import { NameMemory } from '../../admission/image/name-memory.ts';
import type { ResourceJudgeParts } from '../../admission/resource/judge-resource.ts';
import { KeyedPolicies } from '../../admission/source/keyed-policies.ts';
import { RegistrySource } from '../../admission/source/registry-source.ts';
import { Repositories } from '../../admission/source/repositories.ts';
import { kmsKeyLookup } from '../../evidence/key-lookup.ts';
import { systemClock } from '../../net/clock.ts';
import { RegistryClient } from '../../oci/client/registry-client.ts';
import type { Settings } from '../config/settings.ts';
import type { Host } from '../host.ts';
import { keychainOf } from '../keychain.ts';
import type { SigningSession } from '../signing/session.ts';
import { trustOf } from '../signing/trust.ts';

/**
 * Looks images up in their registries, with the credentials of this machine: there is no cluster whose Secrets a policy could name.
 *
 * @throws ConfigError, SigningError where it is not known whom to trust
 */
export async function registryParts(
  session: SigningSession,
  settings: Settings,
  host: Host,
): Promise<Pick<ResourceJudgeParts, 'names' | 'images' | 'keys'>> {
  const network = await session.network();
  const machine = await keychainOf(settings, host);
  const trust = await trustOf(settings, host, network, true, session.signal);
  const sources = {
    secret: () => Promise.resolve(undefined),
    globalSecrets: [],
    globalProviders: [],
    machine,
    environment: host.env,
  };
  const source = new RegistrySource({
    repositories: new Repositories(
      (registry, access) => new RegistryClient(network, registry, { keychain: accessKeychain(access, sources) }),
      systemClock,
    ),
    clock: systemClock,
    trust: () => ({ trust: { trust, logsForKeys: 1, timestamps: 0 }, revision: '' }),
    platforms: [],
  });
  return {
    names: new NameMemory(source, systemClock, imageLimits),
    images: new ImageJudge({ source, clock: systemClock, times: imageLimits }),
    keys: new KeyedPolicies(kmsKeyLookup(await session.keyDeps()), systemClock),
  };
}
