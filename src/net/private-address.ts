import { isInward } from './host.ts';

/**
 * Whether a host of a URL (which spells addresses in one way only), or an address, is in no public network: this machine,
 * its links, private and shared networks, documentation, benchmarks, multicast (RFC 1918, 2544, 3849, 4193, 5737, 6598, 6890,
 * 9637). A name is none.
 */
export function isPrivateHost(hostname: string): boolean {
  if (isInward(hostname)) return true;
  const bare = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
  if (bare.includes(':')) return isPrivateV6(bare);
  const parts = /^(\d+)\.(\d+)\.(\d+)\.\d+$/.exec(bare)?.slice(1).map(Number);
  if (parts === undefined) return false;
  const [a, b, c] = parts as [number, number, number];
  return (
    a === 0 ||
    a === 10 ||
    (a === 172 && b >= 16 && b < 32) ||
    (a === 192 && (b === 168 || (b === 0 && (c === 0 || c === 2)))) ||
    (a === 100 && b >= 64 && b < 128) ||
    (a === 198 && (b === 18 || b === 19 || (b === 51 && c === 100))) ||
    (a === 203 && b === 0 && c === 113) ||
    a >= 224
  );
}

/**
 * Global unicast is 2000::/3 (RFC 4291, 2.4); of it, 6to4 and Teredo hold addresses of version 4, and 2001:db8::/32 and 3fff::/20 are for
 * documentation. Translated addresses (64:ff9b::/96) and mapped ones (::ffff:0:0/96) are outside it.
 */
function isPrivateV6(address: string): boolean {
  const [start = ''] = address.split(':', 1);
  const first = Number.parseInt(start === '' ? '0' : start, 16);
  if (!(first >= 0x2000 && first <= 0x3fff) || first === 0x2002) return true;
  return /^(?:2001:(?:0{0,4}|0?db8)|3fff:0?[\da-f]{0,3}):/i.test(address);
}
