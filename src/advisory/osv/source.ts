import type { AdvisorySource } from '../../finding/advisory.ts';

const sources = {
  alma: { id: 'alma', name: 'AlmaLinux Product Errata', url: 'https://errata.almalinux.org/' },
  alpine: { id: 'alpine', name: 'Alpine Secdb', url: 'https://secdb.alpinelinux.org/' },
  azure: {
    id: 'azure',
    name: 'Azure Linux Vulnerability Data',
    url: 'https://github.com/microsoft/AzureLinuxVulnerabilityData',
  },
  bitnami: { id: 'bitnami', name: 'Bitnami Vulnerability Database', url: 'https://github.com/bitnami/vulndb' },
  chainguard: {
    id: 'chainguard',
    name: 'Chainguard Security Data',
    url: 'https://packages.cgr.dev/chainguard/security.json',
  },
  composer: {
    id: 'php-security-advisories',
    name: 'PHP Security Advisories Database',
    url: 'https://github.com/FriendsOfPHP/security-advisories',
  },
  debian: { id: 'debian', name: 'Debian Security Tracker', url: 'https://security-tracker.debian.org/' },
  echo: { id: 'echo', name: 'Echo', url: 'https://advisory.echohq.com/' },
  ghsa: { id: 'ghsa', name: 'GitHub Security Advisory', url: 'https://github.com/advisories' },
  govulndb: { id: 'govulndb', name: 'The Go Vulnerability Database', url: 'https://pkg.go.dev/vuln/' },
  malicious: {
    id: 'openssf-malicious',
    name: 'OpenSSF Malicious Packages',
    url: 'https://github.com/ossf/malicious-packages',
  },
  minimos: {
    id: 'minimos',
    name: 'MinimOS Security Data',
    url: 'https://packages.mini.dev/advisories/secdb/security.json',
  },
  opensuse: { id: 'suse-cvrf', name: 'SUSE CVRF', url: 'https://ftp.suse.com/pub/projects/security/cvrf/' },
  osv: { id: 'osv', name: 'Open Source Vulnerabilities', url: 'https://osv.dev/' },
  photon: {
    id: 'photon',
    name: 'Photon OS CVE metadata',
    url: 'https://packages.vmware.com/photon/photon_cve_metadata/',
  },
  pypa: { id: 'pypa', name: 'Python Packaging Advisory Database', url: 'https://github.com/pypa/advisory-database' },
  redhat: { id: 'redhat', name: 'Red Hat CSAF VEX', url: 'https://security.access.redhat.com/data/csaf/v2/' },
  rocky: { id: 'rocky', name: 'Rocky Linux Errata', url: 'https://errata.rockylinux.org/' },
  rubysec: {
    id: 'ruby-advisory-db',
    name: 'Ruby Advisory Database',
    url: 'https://github.com/rubysec/ruby-advisory-db',
  },
  rustsec: { id: 'rustsec', name: 'RustSec Advisory Database', url: 'https://rustsec.org/' },
  ubuntu: { id: 'ubuntu', name: 'Ubuntu Security Notices', url: 'https://ubuntu.com/security/notices' },
  wolfi: { id: 'wolfi', name: 'Wolfi Secdb', url: 'https://packages.wolfi.dev/os/security.json' },
} as const satisfies Record<string, AdvisorySource>;

/** By the part of the id before the first dash or underscore: databases own their prefix, whatever the ecosystem. */
const byPrefix: ReadonlyMap<string, AdvisorySource> = new Map<string, AdvisorySource>([
  ['BIT', sources.bitnami],
  ['GHSA', sources.ghsa],
  ['GO', sources.govulndb],
  ['MAL', sources.malicious],
  ['OSVDB', sources.rubysec],
  ['PYSEC', sources.pypa],
  ['RUSTSEC', sources.rustsec],
]);

/** By ecosystem, for ids that no language database owns. */
const byEcosystem: ReadonlyMap<string, AdvisorySource> = new Map<string, AdvisorySource>([
  ['AlmaLinux', sources.alma],
  ['Alpine', sources.alpine],
  ['Azure Linux', sources.azure],
  ['Bitnami', sources.bitnami],
  ['Chainguard', sources.chainguard],
  ['Debian', sources.debian],
  ['Echo', sources.echo],
  ['MinimOS', sources.minimos],
  ['Packagist', sources.composer],
  ['Photon OS', sources.photon],
  ['Red Hat', sources.redhat],
  ['Rocky Linux', sources.rocky],
  ['RubyGems', sources.rubysec],
  ['SUSE', sources.opensuse],
  ['Ubuntu', sources.ubuntu],
  ['Wolfi', sources.wolfi],
  ['crates.io', sources.rustsec],
  ['openSUSE', sources.opensuse],
]);

/** Who states a record that OSV passes on, told by the id and the ecosystem of the zip that it came in. */
export function sourceOf(id: string, ecosystem: string): AdvisorySource {
  const prefix = /^[A-Za-z]+/.exec(id)?.[0] ?? '';
  return byPrefix.get(prefix) ?? byEcosystem.get(ecosystem) ?? sources.osv;
}
