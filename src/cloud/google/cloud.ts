import type { AccessToken } from '../access-token.ts';
import { type Cloud, inTime } from '../cloud.ts';
import { Renewed } from '../renewed.ts';
import { findGoogleToken } from './identity.ts';
import { isGoogleRegistry } from './registry-host.ts';
import { googleScope, googleToken } from './registry-token.ts';

/** Artifact Registry, and what it serves of Container Registry. */
export const google: Cloud = {
  name: 'google',
  owns: isGoogleRegistry,
  open(deps) {
    const identities = new Renewed<AccessToken>(deps.now);
    return async (host, signal) => {
      if (!isGoogleRegistry(host)) return undefined;
      // The same for all of its registries.
      const find = () => inTime(deps, (own) => findGoogleToken(googleScope, own));
      return googleToken(await identities.get('', find, signal));
    };
  },
};
