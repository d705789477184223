import { exactly, majorOf, vendorsOnly, type OsRule } from './rule.ts';

/** Photon OS: source packages' names with the version that is installed. */
export const photon: OsRule = {
  id: 'photon',
  distros: ['photon'],
  packageType: 'rpm',
  ecosystem: 'Photon OS',
  name: 'source',
  version: 'binary',
  releases: ({ version }, known) => exactly(known, version, `${majorOf(version)}.0`, majorOf(version)),
  excludes: vendorsOnly('vmware', 'broadcom', 'photon'),
};

/** Azure Linux and CBL-Mariner before it: source packages and their versions. */
export const azureLinux: OsRule = {
  id: 'azure-linux',
  distros: ['azurelinux', 'mariner'],
  packageType: 'rpm',
  ecosystem: 'Azure Linux',
  name: 'source',
  version: 'source',
  releases: ({ version }, known) => exactly(known, majorOf(version), `${majorOf(version)}.0`),
  excludes: vendorsOnly('microsoft'),
};

/** Amazon Linux: binary packages. The first release called itself after years and months. */
export const amazon: OsRule = {
  id: 'amazon',
  distros: ['amzn'],
  packageType: 'rpm',
  ecosystem: 'Amazon Linux',
  name: 'binary',
  version: 'binary',
  releases({ version }, known) {
    const major = majorOf(version);
    return exactly(known, ['2', '2022', '2023'].includes(major) ? major : '1');
  },
  excludes: vendorsOnly('amazon'),
};
