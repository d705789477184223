import { createHash } from 'node:crypto';
import type { Advisory } from '../../src/finding/advisory.ts';
import type { Distro } from '../../src/package/distro.ts';
import type { Inventory } from '../../src/package/inventory.ts';
import type { InventoryPackage, PackageType } from '../../src/package/package.ts';
import { purlOfPackage } from '../../src/package/purl-of-package.ts';

/** How much there is of everything: about what a registry of some hundred teams holds. */
const amounts = {
  bases: 300,
  /** Packages of a distribution in each base, out of so many names. */
  basePackages: 120,
  baseNames: 1500,
  /** Language packages of an image, out of so many names; each image has some versions of its own. */
  appPackages: 170,
  appNames: 9000,
  /** Advisories of each name. */
  baseAdvisories: 6,
  appAdvisories: 2,
} as const;

const distro: Distro = { id: 'debian', version: '12', codename: 'bookworm', idLike: [], prettyName: 'Debian 12' };

/** Numbers that are the same in each run. */
function dice(seed: number): (sides: number) => number {
  let state = seed >>> 0;
  return (sides) => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c_1b_3c_6d) + 0x9e_37_79_b9) >>> 0;
    return ((state ^ (state >>> 13)) >>> 0) % sides;
  };
}

/** The inventory of an image: those of one base share its packages. */
export function makeInventory(image: number): Inventory {
  const base = image % amounts.bases;
  const ofBase = dice(base * 7919 + 1);
  const own = dice(image * 104_729 + 2);
  const packages = new Map<string, InventoryPackage>();
  const add = (type: PackageType, name: string, version: string): void => {
    const pkg = {
      type,
      name,
      version,
      licenses: ['MIT'],
      cataloger: type,
      ...(type === 'deb' ? { arch: 'amd64', maintainer: 'Debian <a@debian.org>' } : {}),
    };
    const path = type === 'deb' ? 'var/lib/dpkg/status' : `app/node_modules/${name}/package.json`;
    const layer = { diffId: digestOf(`${base} ${type}`), digest: digestOf(`${base} ${type} stored`) };
    packages.set(`${name} ${version}`, { ...pkg, purl: purlOfPackage(pkg, distro), locations: [{ path, layer }] });
  };
  for (let at = 0; at < amounts.basePackages; at += 1)
    add('deb', `lib${ofBase(amounts.baseNames)}`, `1.${base % 6}.${ofBase(3)}-1`);
  for (let at = 0; at < amounts.appPackages; at += 1) {
    // Most of an application comes from a lock file that its neighbours share.
    const shared = at % 5 !== 0;
    const name = shared ? ofBase(amounts.appNames) : own(amounts.appNames);
    add('npm', `pkg-${name}`, `1.${shared ? ofBase(5) : own(5)}.0`);
  }
  return { distro, packages: [...packages.values()], problems: [] };
}

/** Advisories about all of it, as long as real ones are. */
export function* makeAdvisories(): Generator<Advisory> {
  const details = 'A flaw in the parser lets remote attackers read memory by a crafted document. '.repeat(12);
  const about = (ecosystem: string, release: string, name: string, number: number, fixed: string): Advisory => ({
    id: ecosystem === 'npm' ? `GHSA-${number}` : `DEBIAN-CVE-2025-${number}`,
    aliases: [`CVE-2025-${number}`],
    upstream: [],
    summary: 'A flaw in the parser',
    details,
    published: '2025-01-01T00:00:00Z',
    severity: 'HIGH',
    cvss: [{ version: '3.1', vector: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N', score: 7.5 }],
    cwes: ['CWE-125'],
    references: [`https://example.org/${number}`],
    affected: [{ ecosystem, release, name, ranges: [{ introduced: '0', fixed }], versions: [] }],
    source: { id: ecosystem.toLowerCase(), name: ecosystem, url: 'https://example.org/' },
  });
  let number = 10_000;
  for (let name = 0; name < amounts.baseNames; name += 2) {
    for (let at = 0; at < amounts.baseAdvisories; at += 1)
      yield about('Debian', '12', `lib${name}`, (number += 1), `1.${at}.2-1`);
  }
  for (let name = 0; name < amounts.appNames; name += 3) {
    for (let at = 0; at < amounts.appAdvisories; at += 1)
      yield about('npm', '', `pkg-${name}`, (number += 1), `1.${at * 2 + 1}.0`);
  }
}

/** The digest of a text. */
export function digestOf(text: string): `sha256:${string}` & { readonly __brand: 'Digest' } {
  return `sha256:${createHash('sha256').update(text).digest('hex')}` as `sha256:${string}` & {
    readonly __brand: 'Digest';
  };
}
