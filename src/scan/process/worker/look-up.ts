import { compareText } from '../../../base/compare-text.ts';
import { compareSeverity } from '../../../finding/severity.ts';
import type { ScanReport } from '../../../finding/scan-report.ts';
import type { VulnerabilityFinding } from '../../../finding/vulnerability.ts';
import { countSeverities } from '../../../report/count-severities.ts';
import { groupTargets, packagePath, type TargetGroup } from '../../../report/group-targets.ts';
import { osFamily } from '../../../report/os-family.ts';
import { openDatabase } from '../../../vulndb/database.ts';
import { encodeParts } from '../channel/parts.ts';
import { processLimits } from '../limits.ts';
import { lookUpFindings } from '../../scan-target.ts';
import { unpack } from './pack.ts';
import type { KeptInventory, LookedUp, LookUpTask, ToldFinding } from './tasks.ts';

/**
 * Looks up what is known of an inventory that was kept, by the database as it is now.
 *
 * @param packed a {@link KeptInventory}
 * @throws VulndbError
 */
export async function* lookUp(
  packed: Uint8Array,
  { database: folder, maxBytes }: Pick<LookUpTask, 'database' | 'maxBytes'>,
  now: Date,
): AsyncGenerator<Uint8Array> {
  const { artifact, inventory } = JSON.parse((await unpack(packed)).toString('utf8')) as KeptInventory;
  using database = openDatabase(folder);
  const report = lookUpFindings(artifact, inventory, database, { pkgTypes: ['os', 'library'], now });
  const told = groupTargets(report)
    .flatMap((group) => group.findings.map((finding) => toldFinding(finding, group)))
    .sort(compareTold);
  const { texts, left } = within(told, maxBytes);
  const head: LookedUp = {
    builtAt: Date.parse(database.manifest.builtAt),
    isIncomplete: report.problems.some(({ incomplete }) => incomplete === true),
    problems: report.problems,
    ...osOf(report),
    counts: countSeverities(report.findings),
    left,
  };
  yield* encodeParts(head, [Buffer.from(`[${texts.join(',')}]`)]);
}

function osOf({ inventory: { distro }, endOfLife }: ScanReport): Pick<LookedUp, 'os'> {
  if (distro === undefined) return {};
  return {
    os: { family: osFamily(distro), name: distro.version, ...(endOfLife === undefined ? {} : { endOfLife }) },
  };
}

function toldFinding(finding: VulnerabilityFinding, group: Pick<TargetGroup, 'class' | 'type'>): ToldFinding {
  const { id, severity, primaryUrl, published, modified, fixedVersions, package: pkg } = finding;
  const score = scoreOf(finding);
  return {
    id,
    severity,
    title: finding.title.slice(0, processLimits.messageLength),
    primaryUrl,
    ...(score === undefined ? {} : { score }),
    ...(published === undefined ? {} : { published }),
    ...(modified === undefined ? {} : { modified }),
    fixed: fixedVersions.join(', '),
    package: { name: pkg.name, version: pkg.version, purl: pkg.purl },
    class: group.class,
    type: group.type,
    ...(group.class === 'os-pkgs' ? {} : { path: packagePath(pkg) }),
  };
}

/** Of several generations of CVSS, the newest. */
function scoreOf({ cvss, severitySource = '' }: VulnerabilityFinding): number | undefined {
  const ratings = cvss[severitySource] ?? cvss['nvd'] ?? Object.values(cvss)[0] ?? [];
  return ratings.toSorted((a, b) => (a.version < b.version ? 1 : -1))[0]?.score;
}

function compareTold(a: ToldFinding, b: ToldFinding): number {
  return (
    compareSeverity(b.severity, a.severity) ||
    compareText(a.id, b.id) ||
    compareText(a.package.purl, b.package.purl) ||
    compareText(a.path ?? '', b.path ?? '')
  );
}

/** As many as have room. */
function within(all: readonly ToldFinding[], maxBytes: number): { readonly texts: string[]; readonly left: number } {
  const texts: string[] = [];
  let bytes = 2;
  for (const finding of all) {
    const text = JSON.stringify(finding);
    bytes += Buffer.byteLength(text) + 1;
    if (bytes > maxBytes) break;
    texts.push(text);
  }
  return { texts, left: all.length - texts.length };
}
