import { BlockList, isIP } from 'node:net';

/** Bits of an address of each family. */
const bits = { ipv4: 32, ipv6: 128 } as const;

/** Addresses that begin with the same bits (RFC 4632, 3.1; RFC 4291, 2.3). */
export interface IpNetwork {
  readonly address: string;
  readonly family: keyof typeof bits;
  readonly prefix: number;
}

/**
 * What is wrong with a text as a network, which is an address, or one with the number of its first bits that count; undefined when
 * nothing is. All addresses there are, and bits behind those that count, are refused: neither is ever meant.
 */
export function whyNoNetwork(text: string): string | undefined {
  const network = parseNetwork(text);
  if (network === undefined) return 'it is no address and no network; write 192.0.2.7, 10.0.0.0/8 or 2001:db8::/32';
  if (network.prefix === 0) return 'these are all addresses that there are; name those of your own proxies';
  return isFirst(network)
    ? undefined
    : `it has bits behind the first ${network.prefix}; name the network by its first address`;
}

/** Reads an address or a network; undefined for what is none. */
export function parseNetwork(text: string): IpNetwork | undefined {
  const match = /^([0-9A-Fa-f:.]{2,45})(?:\/(0|[1-9]\d{0,2}))?$/.exec(text);
  const version = isIP(match?.[1] ?? '');
  if (match === null || version === 0) return undefined;
  const family = version === 4 ? 'ipv4' : 'ipv6';
  const prefix = match[2] === undefined ? bits[family] : Number(match[2]);
  return prefix > bits[family] ? undefined : { address: match[1] as string, family, prefix };
}

/** An address of one of these networks is in the list. */
export function networkList(networks: readonly IpNetwork[]): BlockList {
  const list = new BlockList();
  for (const { address, family, prefix } of networks) list.addSubnet(address, prefix, family);
  return list;
}

function isFirst({ address, family, prefix }: IpNetwork): boolean {
  const words = family === 'ipv4' ? address.split('.').map(Number) : wordsOf(address);
  const width = family === 'ipv4' ? 8 : 16;
  return words.every((word, at) => {
    const counting = Math.min(width, Math.max(0, prefix - at * width));
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
