import type { MatchedPackage } from '../matched-package.ts';
import { exactly, majorOf, rolling, type Exclusion, type OsRule } from './rule.ts';

/** Releases by their names, for images of testing, which have no number (https://www.debian.org/releases/). */
const codenames: Readonly<Record<string, string>> = {
  squeeze: '6',
  wheezy: '7',
  jessie: '8',
  stretch: '9',
  buster: '10',
  bullseye: '11',
  bookworm: '12',
  trixie: '13',
  forky: '14',
  duke: '15',
};

/** Debian: the tracker names source packages and their versions, and says so when a flaw has no fix. */
export const debian: OsRule = {
  id: 'debian',
  distros: ['debian', 'raspbian'],
  packageType: 'deb',
  ecosystem: 'Debian',
  name: 'source',
  version: 'source',
  releases({ version, codename }, known) {
    // `etc/debian_version` of testing says `trixie/sid`.
    const name = codename ?? version.split('/')[0] ?? '';
    const byName = Object.hasOwn(codenames, name) ? (codenames[name] as string) : '';
    return exactly(known, majorOf(version), byName);
  },
  excludes: excludeThirdParty,
};

/** Echo rebuilds Debian's packages without releases. */
export const echo: OsRule = {
  id: 'echo',
  distros: ['echo'],
  packageType: 'deb',
  ecosystem: 'Echo',
  name: 'source',
  version: 'source',
  releases: rolling,
};

/**
 * Publishers whose repositories images commonly add, as their packages' Maintainer fields name them. Whole words only, and
 * companies by their own names: many of the distribution's maintainers write from an employer's or a mail provider's address.
 */
const publishers =
  /\b(?:docker|nvidia (?:corporation|container)|cudatools|microsoft|hashicorp|nodesource|google (?:llc|inc|cloud)|chrome linux team|elasticsearch|elastic\.co|grafana|gitlab|mongodb|influxdata|confluent|datadog|nginx packaging|pgdg|postgresql\.org\/apt|redis ltd|rabbitmq team|github cli|yarn developers|sury\.org|mariadb developers|oracle corporation|percona|cloudflare|tailscale|kubernetes authors)\b/i;
/** The distribution's own people, some of whom maintain software of these publishers. */
const own = /debian\.org|ubuntu|canonical|raspbian|raspberrypi/i;

/** Excludes packages that the repositories of other publishers brought. */
export function excludeThirdParty({ maintainer = '' }: MatchedPackage): Exclusion | undefined {
  return publishers.test(maintainer) && !own.test(maintainer) ? 'third-party' : undefined;
}
