import { compareText } from '../base/compare-text.ts';
import { compareFindings } from '../finding/compare-findings.ts';
import type { ScanReport, SuppressedFinding } from '../finding/scan-report.ts';
import type { VulnerabilityFinding } from '../finding/vulnerability.ts';
import { osPackageTypes, type InventoryPackage, type PackageType } from '../package/package.ts';
import { osFamily } from './os-family.ts';

/** A part of a report that Trivy shows under one heading. */
export interface TargetGroup {
  /** `debian:12 (debian 12.5)`, `Node.js`, or the path of one file. */
  readonly target: string;
  readonly class: 'os-pkgs' | 'lang-pkgs';
  /** Trivy's name for the kind of packages: a distribution's family, `node-pkg`, `gobinary`. */
  readonly type: string;
  /** Without those that belong to an OS package: it is listed already. */
  readonly packages: readonly InventoryPackage[];
  readonly findings: readonly VulnerabilityFinding[];
  readonly suppressed: readonly SuppressedFinding[];
}

/** How packages of one kind are grouped: all under one title, or each file by itself. */
interface LanguageGroup {
  readonly type: string;
  readonly title?: string;
}

type LanguageType = Exclude<PackageType, 'apk' | 'deb' | 'opkg' | 'rpm'>;

const languages: Readonly<Record<LanguageType, LanguageGroup>> = {
  bitnami: { type: 'bitnami' },
  cargo: { type: 'rustbinary' },
  composer: { type: 'composer-vendor' },
  gem: { type: 'gemspec', title: 'Ruby' },
  generic: { type: 'generic' },
  golang: { type: 'gobinary' },
  maven: { type: 'jar', title: 'Java' },
  npm: { type: 'node-pkg', title: 'Node.js' },
  nuget: { type: 'dotnet-core' },
  pypi: { type: 'python-pkg', title: 'Python' },
};

/** Trivy's names for lock files, by the cataloger that reads them. Each file is a group. */
const lockfiles: ReadonlyMap<string, string> = new Map([
  ['bun-lock', 'bun'],
  ['cargo-lock', 'cargo'],
  ['composer-lock', 'composer'],
  ['gemfile-lock', 'bundler'],
  ['go-mod', 'gomod'],
  ['gradle-lockfile', 'gradle'],
  ['nuget-lock', 'nuget'],
  ['package-lock', 'npm'],
  // Trivy reads none of PDM.
  ['pdm-lock', 'pdm'],
  ['pipfile-lock', 'pipenv'],
  ['pnpm-lock', 'pnpm'],
  ['poetry-lock', 'poetry'],
  ['requirements', 'pip'],
  ['uv-lock', 'uv'],
  ['yarn-lock', 'yarn'],
]);

/**
 * Splits a report as Trivy does: the distribution's packages first, then each language, by type and then target. A
 * distribution has its group even without packages: its findings, none, are a statement too.
 */
export function groupTargets(report: ScanReport): TargetGroup[] {
  const groups = new Map<string, Draft>();
  const { distro, packages } = report.inventory;
  const os = {
    target: osTarget(report),
    class: 'os-pkgs',
    type: distro === undefined ? 'linux' : osFamily(distro),
  } as const;
  if (distro !== undefined) groupOf(groups, os);
  for (const pkg of packages) {
    if (pkg.ownedBy === undefined) groupOf(groups, headingOf(pkg, os)).packages.push(pkg);
  }
  for (const finding of report.findings) groupOf(groups, headingOf(finding.package, os)).findings.push(finding);
  for (const each of report.suppressed) groupOf(groups, headingOf(each.finding.package, os)).suppressed.push(each);
  for (const { findings } of groups.values()) findings.sort(compareFindings);
  return [...groups.values()].sort(
    (a, b) =>
      Number(b.class === 'os-pkgs') - Number(a.class === 'os-pkgs') ||
      compareText(a.type, b.type) ||
      compareText(a.target, b.target),
  );
}

type Heading = Pick<TargetGroup, 'target' | 'class' | 'type'>;

interface Draft extends Heading {
  readonly packages: InventoryPackage[];
  readonly findings: VulnerabilityFinding[];
  readonly suppressed: SuppressedFinding[];
}

function groupOf(groups: Map<string, Draft>, heading: Heading): Draft {
  const key = `${heading.type}\0${heading.target}`;
  let group = groups.get(key);
  if (group === undefined) {
    group = { ...heading, packages: [], findings: [], suppressed: [] };
    groups.set(key, group);
  }
  return group;
}

function headingOf(pkg: InventoryPackage, os: Heading): Heading {
  if (osPackageTypes.has(pkg.type)) return os;
  const lockfile = lockfiles.get(pkg.cataloger);
  if (lockfile !== undefined) return { target: packagePath(pkg), class: 'lang-pkgs', type: lockfile };
  const { type, title } = languages[pkg.type as LanguageType];
  return { target: title ?? packagePath(pkg), class: 'lang-pkgs', type };
}

function osTarget({ artifact, inventory: { distro } }: ScanReport): string {
  if (distro === undefined) return artifact.name;
  return `${artifact.name} (${[osFamily(distro), distro.version].filter((word) => word !== '').join(' ')})`;
}

/** Where a language package was found, as Trivy writes it: what lies in an archive follows after a plain slash. */
export function packagePath({ locations: [location] }: InventoryPackage): string {
  return (location?.path ?? '').replaceAll('!/', '/');
}
