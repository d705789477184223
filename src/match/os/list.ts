import { alpine } from './alpine.ts';
import { amazon, azureLinux, photon } from './cloud.ts';
import { debian, echo } from './debian.ts';
import { alma, oracle, rocky } from './rebuilds.ts';
import { redhat } from './redhat.ts';
import type { OsRule } from './rule.ts';
import { opensuse, suse } from './suse.ts';
import { ubuntu } from './ubuntu.ts';
import { chainguard, minimos, wolfi } from './wolfi.ts';

/** Every distribution whose packages can be matched. */
export const osRules: readonly OsRule[] = [
  alma,
  alpine,
  amazon,
  azureLinux,
  chainguard,
  debian,
  echo,
  minimos,
  opensuse,
  oracle,
  photon,
  redhat,
  rocky,
  suse,
  ubuntu,
  wolfi,
];

/** The rule for an `ID` of os-release; undefined for distributions whose advisories nobody told us how to read. */
export function osRuleOf(distro: string): OsRule | undefined {
  return osRules.find(({ distros }) => distros.includes(distro));
}
