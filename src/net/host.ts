import { BlockList, isIP } from 'node:net';

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

const linkLocal = new BlockList();
linkLocal.addSubnet('169.254.0.0', 16, 'ipv4');
linkLocal.addSubnet('fe80::', 10, 'ipv6');

const unspecified = new BlockList();
unspecified.addAddress('0.0.0.0', 'ipv4');
unspecified.addAddress('::', 'ipv6');

/** The host name of a URL as name resolution wants it: without the brackets of an IPv6 literal. */
export function bareHostname(url: URL): string {
  return url.hostname.startsWith('[') ? url.hostname.slice(1, -1) : url.hostname;
}

/** The port that a URL means, its scheme's own when it names none. */
export function effectivePort(url: URL): number {
  if (url.port !== '') return Number(url.port);
  return url.protocol === 'https:' ? 443 : 80;
}

function isIn(list: BlockList, address: string): boolean {
  const family = isIP(address);
  if (family === 0) return false;
  return list.check(address, family === 4 ? 'ipv4' : 'ipv6');
}

/** True for this machine itself: `localhost` and its subdomains (RFC 6761, 6.3), 127.0.0.0/8 and ::1. */
export function isLoopback(hostname: string): boolean {
  // A name that ends with a dot is the same name, looked up without search domains.
  const name = hostname
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '');
  return name === 'localhost' || name.endsWith('.localhost') || isIn(loopback, name);
}

/** True for addresses that only this machine's own link serves, among them the metadata services of clouds. */
function isLinkLocal(hostname: string): boolean {
  return isIn(linkLocal, hostname.replace(/^\[(.*)\]$/, '$1'));
}

/** True for the addresses that stand for all of a machine's own, where servers listen. */
export function isUnspecified(hostname: string): boolean {
  return isIn(unspecified, hostname.replace(/^\[(.*)\]$/, '$1'));
}

/**
 * True for what only this machine reaches, where an outside server has no business sending it: itself, its links, and
 * the unspecified addresses, which connect to itself as well on many systems.
 */
export function isInward(hostname: string): boolean {
  return isLoopback(hostname) || isLinkLocal(hostname) || isUnspecified(hostname);
}

/**
 * Whether what an outside server names would lead this program inward: an address of this machine or its link in a
 * document that came from elsewhere is nothing that its author can know about, and much that an attacker may want.
 */
export function leadsInward(from: URL, to: URL): boolean {
  return isInward(to.hostname) && !isLoopback(from.hostname) && to.hostname !== from.hostname;
}

/** Whether a list of `host` and `host:port` entries names the host of `url`; an entry without a port means every port. */
export function listsHost(list: readonly string[], url: URL): boolean {
  const name = url.hostname.toLowerCase();
  const withPort = `${name}:${effectivePort(url)}`;
  return list.some((entry) => {
    const wanted = entry.toLowerCase();
    return wanted === name || wanted === withPort || (isIP(wanted) === 6 && `[${wanted}]` === name);
  });
}
