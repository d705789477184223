import type { LookupFunction } from 'node:net';
import { NetError } from './error.ts';
import { isPrivateHost } from './private-address.ts';

/** The refusal of an address that a request for public ones led to. */
export function privateAddress(host: string): NetError {
  const sentence = `${host} is an address of this machine or of a private network; allow that where it is meant`;
  return new NetError('DENIED', host, sentence);
}

/**
 * Name resolution that fails where any address of a name is a private one. The connection is made to what was looked at
 * here, so a name that means something else a moment later (DNS rebinding) leads nowhere.
 */
export async function publicLookup(): Promise<LookupFunction> {
  const { lookup } = await import('node:dns');
  return (hostname, options, done) => {
    lookup(hostname, options, (error, address, family) => {
      const addresses = typeof address === 'string' ? [address] : (address ?? []).map((entry) => entry.address);
      if (error === null && addresses.some(isPrivateHost)) return done(privateAddress(hostname), '', 4);
      return done(error, address, family);
    });
  };
}
