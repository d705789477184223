import { exactly, vendorsOnly, type OsRule } from './rule.ts';

const bySuse = vendorsOnly('suse', 'opensuse');

/**
 * SUSE Linux Enterprise: binary packages, in one release per product: the server, its modules, the development kit.
 * Products of extended support are not asked.
 */
export const suse: OsRule = {
  id: 'suse',
  distros: ['sles', 'sled', 'sles_sap', 'sle-micro', 'sl-micro', 'sle-micro-rancher', 'suse-microos'],
  packageType: 'rpm',
  ecosystem: 'SUSE',
  name: 'binary',
  version: 'binary',
  releases({ id, version }, known) {
    const [, major, minor] = /^(\d+)(?:\.(\d+))?/.exec(version) ?? [];
    if (major === undefined) return [];
    if (id.includes('micro')) {
      const number = minor === undefined ? major : `${major}.${minor}`;
      return exactly(known, `Linux Enterprise Micro ${number}`, `Linux Micro ${number}`);
    }
    const pack = minor === undefined || minor === '0' ? '' : ` SP${minor}`;
    const products =
      /^Linux Enterprise (?:Server (?!for )|Desktop |Module for |Software Development Kit |Workstation Extension )/;
    return known.filter((release) => products.test(release) && release.endsWith(` ${major}${pack}`));
  },
  excludes: bySuse,
};

/** openSUSE: binary packages. */
export const opensuse: OsRule = {
  id: 'opensuse',
  distros: ['opensuse-leap', 'opensuse-tumbleweed', 'opensuse'],
  packageType: 'rpm',
  ecosystem: 'openSUSE',
  name: 'binary',
  version: 'binary',
  releases: ({ id, version }, known) =>
    id === 'opensuse-tumbleweed' ? exactly(known, 'Tumbleweed') : exactly(known, `Leap ${version}`),
  excludes: bySuse,
};
