import { BlockList, isIP } from 'node:net';
import type { NetworkRange } from './network-range.ts';

/** A set of networks. */
export class NetworkSet {
  readonly #list = new BlockList();

  /** Adds a network, or an address. */
  add({ address, bits, family }: NetworkRange): void {
    this.#list.addSubnet(address, bits, family === 4 ? 'ipv4' : 'ipv6');
  }

  /** Whether an address is in one of them; false for what is no address. */
  has(address: string): boolean {
    const family = isIP(address);
    return family !== 0 && this.#list.check(address, family === 4 ? 'ipv4' : 'ipv6');
  }
}
