import type { OsRule } from './rule.ts';
import { majorOf, sameModularity, vendorsOnly } from './rule.ts';

/**
 * Red Hat Enterprise Linux and classic CentOS: binary packages with epoch. Releases are products as CPEs write them,
 * `enterprise_linux:9::appstream`; those of the plain distribution are asked, and none of extended support.
 */
export const redhat: OsRule = {
  id: 'redhat',
  distros: ['rhel', 'centos'],
  packageType: 'rpm',
  ecosystem: 'Red Hat',
  name: 'binary',
  version: 'binary',
  releases({ version, prettyName = '' }, known) {
    const major = majorOf(version);
    // CentOS Stream runs ahead of the releases that the advisories speak of.
    if (major === '' || /\bstream\b/i.test(prettyName)) return [];
    const product = new RegExp(`^enterprise_linux:${major}(?:\\.\\d+)?(?:::.*)?$`);
    return known.filter((release) => product.test(release));
  },
  excludes: vendorsOnly('red hat', 'centos'),
  speaksOf: sameModularity,
};
