import type { AccessToken } from '../access-token.ts';
import { type Cloud, inTime } from '../cloud.ts';
import { Renewed } from '../renewed.ts';
import type { RegistryToken } from '../registry-token.ts';
import { findAzureToken } from './identity.ts';
import { azureRegistry } from './registry-host.ts';
import { azureResource, azureToken } from './registry-token.ts';

/** Azure Container Registry. */
export const azure: Cloud = {
  name: 'azure',
  owns: (host) => azureRegistry(host) !== undefined,
  open(deps) {
    const identities = new Renewed<AccessToken>(deps.now);
    const tokens = new Renewed<RegistryToken>(deps.now);
    return async (host, signal) => {
      const registry = azureRegistry(host);
      if (registry === undefined) return undefined;
      const { authority } = registry;
      const get = () =>
        inTime(deps, async (own) => {
          const find = () => findAzureToken({ resource: azureResource, authority }, own);
          return await azureToken(registry, await identities.get(authority, find, own.signal), own);
        });
      return await tokens.get(host, get, signal);
    };
  },
};
