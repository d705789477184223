import type { ReleaseFields } from './distro.ts';

/** Vendor and product of a platform name → id in os-release. */
const products: ReadonlyMap<string, string> = new Map([
  ['almalinux:almalinux', 'almalinux'],
  ['amazon:amazon_linux', 'amzn'],
  ['amazon:linux', 'amzn'],
  ['centos:centos', 'centos'],
  ['centos:linux', 'centos'],
  ['fedoraproject:fedora', 'fedora'],
  ['oracle:linux', 'ol'],
  ['redhat:enterprise_linux', 'rhel'],
  ['rocky:rocky', 'rocky'],
  ['rocky:rocky_linux', 'rocky'],
]);

/**
 * Reads `system-release-cpe`, one CPE name of either form (NIST IR 7695): `cpe:/o:redhat:enterprise_linux:8.4:ga` or
 * `cpe:2.3:o:amazon:amazon_linux:2023:…`. Undefined for what names no known distribution.
 */
export function parsePlatformName(text: string): ReleaseFields | undefined {
  const line = text.split('\n', 1)[0]?.slice(0, 500).trim().toLowerCase() ?? '';
  const match = /^cpe:(?:\/|2\.3:)o:([^:]*):([^:]*):(\d[\d.]*)/.exec(line);
  if (match === null) return undefined;
  const [, vendor, product, version] = match;
  const id = products.get(`${vendor}:${product}`);
  return id === undefined ? undefined : { id, version };
}
