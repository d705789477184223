import type { MatchedPackage } from '../matched-package.ts';
import { exactly, isModular, majorOf, sameModularity, vendorsOnly, type OsRule } from './rule.ts';

const byAlma = vendorsOnly('almalinux');

/** AlmaLinux: binary packages. A module's build without its label could be of any stream, so nothing is said of it. */
export const alma: OsRule = {
  id: 'alma',
  distros: ['almalinux'],
  packageType: 'rpm',
  ecosystem: 'AlmaLinux',
  name: 'binary',
  version: 'binary',
  releases: ({ version }, known) => exactly(known, majorOf(version)),
  excludes: (pkg) =>
    byAlma(pkg) ?? (isModular(pkg.version) && (pkg.modularityLabel ?? '') === '' ? 'module-unknown' : undefined),
  speaksOf: sameModularity,
  epochMayLack: true,
};

/** Rocky Linux: binary packages with epoch. */
export const rocky: OsRule = {
  id: 'rocky',
  distros: ['rocky'],
  packageType: 'rpm',
  ecosystem: 'Rocky Linux',
  name: 'binary',
  version: 'binary',
  releases: ({ version }, known) => exactly(known, majorOf(version)),
  excludes: vendorsOnly('rocky', 'rockysoft'),
  speaksOf: sameModularity,
};

/** Oracle Linux: binary packages, built in flavours that do not fix each other. */
export const oracle: OsRule = {
  id: 'oracle',
  distros: ['ol'],
  packageType: 'rpm',
  ecosystem: 'Oracle Linux',
  name: 'binary',
  version: 'binary',
  releases: ({ version }, known) => exactly(known, majorOf(version)),
  excludes: vendorsOnly('oracle'),
  speaksOf: (pkg, fixed) => flavourOf(pkg) === flavourOf({ version: fixed }) && sameModularity(pkg, fixed),
};

function flavourOf({ version }: Pick<MatchedPackage, 'version'>): 'ksplice' | 'fips' | 'plain' {
  if (version.includes('.ksplice')) return 'ksplice';
  return version.includes('_fips') ? 'fips' : 'plain';
}
