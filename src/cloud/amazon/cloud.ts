import { type Cloud, inTime } from '../cloud.ts';
import { Renewed } from '../renewed.ts';
import type { RegistryToken } from '../registry-token.ts';
import { type AwsIdentity, findAwsIdentity } from './identity.ts';
import { amazonRegistry } from './registry-host.ts';
import { amazonToken } from './registry-token.ts';

/** Amazon ECR and Amazon ECR Public. */
export const amazon: Cloud = {
  name: 'amazon',
  owns: (host) => amazonRegistry(host) !== undefined,
  open(deps) {
    const identities = new Renewed<AwsIdentity>(deps.now);
    const tokens = new Renewed<RegistryToken>(deps.now);
    return async (host, signal) => {
      const registry = amazonRegistry(host);
      if (registry === undefined) return undefined;
      // Where settings name no region, STS is asked in that of the registry.
      const otherwise = registry.kind === 'private' ? registry.region : 'us-east-1';
      const get = () =>
        inTime(deps, async (own) => {
          const identity = await identities.get(otherwise, () => findAwsIdentity({ otherwise }, own), own.signal);
          return await amazonToken(registry, identity, own);
        });
      return await tokens.get(host, get, signal);
    };
  },
};
