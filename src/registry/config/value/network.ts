import { type NetworkRange, parseNetworkRange } from '../../../net/network-range.ts';

/**
 * What is wrong with a text as a network, which is an address, or one with the number of its first bits that count; undefined when
 * nothing is. All addresses there are, and bits behind those that count, are refused: neither is ever meant.
 */
export function whyNoNetwork(text: string): string | undefined {
  const network = /\/0\d/.test(text) ? undefined : parseNetworkRange(text);
  if (network === undefined) return 'it is no address and no network; write 192.0.2.7, 10.0.0.0/8 or 2001:db8::/32';
  if (network.bits === 0) return 'these are all addresses that there are; name those of your own proxies';
  return isFirst(network)
    ? undefined
    : `it has bits behind the first ${network.bits}; name the network by its first address`;
}

function isFirst({ address, family, bits }: NetworkRange): boolean {
  const words = family === 4 ? address.split('.').map(Number) : wordsOf(address);
  const width = family === 4 ? 8 : 16;
  return words.every((word, at) => {
    const counting = Math.min(width, Math.max(0, bits - at * width));
    return (word & ((1 << (width - counting)) - 1)) === 0;
  });
}

/** The eight parts of an IPv6 address, which may be written with fewer, and with an IPv4 address at its end. */
function wordsOf(address: string): number[] {
  // The URL parser writes each in one way: without an IPv4 address in it.
  const { hostname } = new URL(`http://[${address}]`);
  const [head = '', tail] = hostname.slice(1, -1).split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const gap = tail === undefined ? 0 : 8 - before.length - after.length;
  return [...before, ...Array.from({ length: gap }, () => '0'), ...after].map((part) => Number.parseInt(part, 16));
}
