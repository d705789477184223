import { apk } from './apk.ts';
import { bitnami } from './bitnami.ts';
import { composer } from './composer.ts';
import { cran } from './cran.ts';
import { deb } from './deb.ts';
import { gem } from './gem.ts';
import { generic } from './generic.ts';
import { go } from './go.ts';
import { hackage } from './hackage.ts';
import { maven } from './maven.ts';
import { nuget } from './nuget.ts';
import { packagist } from './packagist.ts';
import { pep440 } from './pep440.ts';
import { pub } from './pub.ts';
import { rpm } from './rpm.ts';
import type { VersionScheme } from './scheme.ts';
import { semver } from './semver.ts';

/** Every scheme, sorted by id. */
export const schemes: readonly VersionScheme[] = [
  apk,
  bitnami,
  composer,
  cran,
  deb,
  gem,
  generic,
  go,
  hackage,
  maven,
  nuget,
  packagist,
  pep440,
  pub,
  rpm,
  semver,
];

/**
 * Schemes by OSV ecosystem (OSV schema, "affected[].package field"), and by the names that this program gives to
 * distributions which OSV does not have.
 *
 * Absent on purpose: Docker Hardened Images, Root and TuxCare rebuild packages of several ecosystems under one name;
 * Android, CleanStart, FreeBSD, opam and OSS-Fuzz have orders of their own.
 */
const byEcosystem: ReadonlyMap<string, VersionScheme> = new Map([
  ['AlmaLinux', rpm],
  ['Alpaquita', apk],
  ['Alpine', apk],
  ['Amazon Linux', rpm],
  ['Azure Linux', rpm],
  ['BellSoft Hardened Containers', apk],
  ['Bioconductor', cran],
  ['Bitnami', bitnami],
  ['CRAN', cran],
  ['Chainguard', apk],
  ['ConanCenter', generic],
  ['Debian', deb],
  ['Echo', deb],
  ['Fedora', rpm],
  ['GHC', generic],
  ['GitHub Actions', semver],
  ['Go', go],
  ['Hackage', hackage],
  ['Hex', semver],
  // Julia's `VersionNumber` orders builds as Dart does.
  ['Julia', pub],
  ['Kubernetes', semver],
  ['Linux', generic],
  ['Mageia', rpm],
  ['Maven', maven],
  ['MinimOS', apk],
  ['NuGet', nuget],
  ['Oracle Linux', rpm],
  ['Packagist', packagist],
  ['Photon OS', rpm],
  ['Pub', pub],
  ['PyPI', pep440],
  ['Red Hat', rpm],
  ['Rocky Linux', rpm],
  ['RubyGems', gem],
  ['SUSE', rpm],
  ['SwiftURL', semver],
  ['Ubuntu', deb],
  ['VSCode', semver],
  ['Wolfi', apk],
  ['crates.io', semver],
  ['npm', semver],
  ['openEuler', rpm],
  ['openSUSE', rpm],
]);

/**
 * The scheme of an OSV ecosystem, named without its release (`Debian`, not `Debian:12`); undefined for an ecosystem whose
 * order is not known, where nothing may be concluded from a range.
 */
export function schemeOf(ecosystem: string): VersionScheme | undefined {
  return byEcosystem.get(ecosystem);
}
