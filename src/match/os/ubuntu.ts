import { excludeThirdParty } from './debian.ts';
import { exactly, type OsRule } from './rule.ts';

/**
 * Ubuntu: source packages and their versions. Fixes of Ubuntu Pro are in releases of their own, which count only where Pro
 * is on; there they overrule the plain release, in which such a flaw stays open.
 */
export const ubuntu: OsRule = {
  id: 'ubuntu',
  distros: ['ubuntu'],
  packageType: 'deb',
  ecosystem: 'Ubuntu',
  name: 'source',
  version: 'source',
  releases({ version, esm }, known) {
    const number = /^\d+\.\d+/.exec(version)?.[0] ?? '';
    if (number === '') return [];
    const plain = exactly(known, `${number}:LTS`, number);
    const pro = esm === true ? exactly(known, `Pro:${number}:LTS`, `Pro:${number}`) : [];
    return [...plain, ...pro];
  },
  overrules: true,
  excludes: excludeThirdParty,
};
