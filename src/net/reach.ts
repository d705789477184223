import type { LookupFunction } from 'node:net';
import { NetError } from './error.ts';
import { isPrivateHost } from './private-address.ts';

/**
 * Where requests may lead, whatever name, redirect or second answer of a resolver leads there. Behind a proxy, which resolves names
 * itself, only what stands in URLs is looked at.
 */
export interface Reach {
  /** The same for the same rules: connections that were made by others may lead anywhere, and are not used. */
  readonly key: string;
  /** Whether the host of a URL is asked wherever it is. */
  isExempt(url: URL): boolean;
  /** Whether a host of a URL (a name, or an address as URLs spell it), or an address that a name has, is not asked. */
  refuses(host: string): boolean;
  /** What is thrown then. */
  refusal(host: string): NetError;
  /** Is told of the addresses that a name has, before any of them is connected to. */
  resolved?(hostname: string, addresses: readonly string[]): void;
}

/** No address of this machine or of private networks. */
export const publicReach: Reach = {
  key: 'public',
  isExempt: () => false,
  refuses: isPrivateHost,
  refusal(host) {
    const sentence = `${host} is an address of this machine or of a private network; allow that where it is meant`;
    return new NetError('DENIED', host, sentence);
  },
};

/**
 * Name resolution that fails where any address of a name is refused. The connection is made to what was looked at here, so a name that
 * means something else a moment later (DNS rebinding) leads nowhere.
 */
export async function lookupWithin(reach: Reach): Promise<LookupFunction> {
  const { lookup } = await import('node:dns');
  return (hostname, options, done) => {
    lookup(hostname, options, (error, address, family) => {
      if (error !== null) return done(error, address, family);
      const addresses = typeof address === 'string' ? [address] : address.map((entry) => entry.address);
      reach.resolved?.(hostname, addresses);
      if (addresses.some((each) => reach.refuses(each))) return done(reach.refusal(hostname), '', 4);
      return done(error, address, family);
    });
  };
}
