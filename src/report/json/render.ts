import type { ScanReport, SuppressedFinding } from '../../finding/scan-report.ts';
import type { InventoryPackage, PackageIdentity } from '../../package/package.ts';
import type { ReportFormat } from '../format.ts';
import { groupTargets, type TargetGroup } from '../group-targets.ts';
import { osFamily } from '../os-family.ts';
import { goJson, omitEmpty } from './go-json.ts';
import { imageConfigFields } from './image-config.ts';
import { packageFields, packageId } from './package-fields.ts';
import { problemFields } from './problem-fields.ts';
import { vulnerabilityFields } from './vulnerability-fields.ts';

/**
 * Trivy's JSON report, schema version 2: the same names, order and left-out members, so that what reads Trivy's reports
 * reads these. What Trivy has no place for stands in members named `Seaworthy`. Several reports are an array of such
 * objects; one report is the object itself.
 *
 * Packages that belong to an OS package are not listed among their language's; the OS package names them in
 * `Seaworthy.Contains`.
 */
export const jsonReport: ReportFormat = {
  id: 'json',
  render(reports: readonly ScanReport[], { listAllPackages }): string {
    const values = reports.map((report) => reportFields(report, listAllPackages));
    return `${goJson(values.length === 1 ? values[0] : values)}\n`;
  },
};

/** One report as it stands in JSON: `Metadata` and `Results` are what Trivy calls so. */
export function reportFields(
  report: ScanReport,
  listAllPackages: boolean,
): { readonly Metadata: unknown; readonly Results?: readonly unknown[] } & Readonly<Record<string, unknown>> {
  const { artifact, createdAt, database } = report;
  return {
    SchemaVersion: 2,
    CreatedAt: createdAt,
    ArtifactName: artifact.name,
    ArtifactType: artifact.type,
    Metadata: metadataFields(report),
    ...omitEmpty({ Results: groupTargets(report).map((group) => resultFields(group, report, listAllPackages)) }),
    ...omitEmpty({
      Seaworthy: omitEmpty({
        Problems: report.problems.map(problemFields),
        Database: database && { BuiltAt: database.builtAt, SchemaVersion: database.schemaVersion },
      }),
    }),
  };
}

function metadataFields({ artifact: { image }, inventory: { distro }, endOfLife }: ScanReport): unknown {
  return omitEmpty({
    OS: distro && {
      Family: osFamily(distro),
      Name: distro.version,
      ...omitEmpty({ EOSL: endOfLife, extended: distro.esm }),
    },
    ImageID: image?.imageId,
    DiffIDs: image?.layers.map(({ diffId }) => diffId),
    RepoTags: image?.repoTags,
    RepoDigests: image?.repoDigests,
    ImageConfig: imageConfigFields(image?.rawConfig),
    // Without `Size`: Trivy counts unpacked bytes there, and a report knows the stored ones.
    Layers: image?.layers.map(({ digest, diffId }) => omitEmpty({ Digest: digest, DiffID: diffId })),
  });
}

function resultFields(group: TargetGroup, report: ScanReport, listAllPackages: boolean): unknown {
  return {
    Target: group.target,
    Class: group.class,
    Type: group.type,
    ...omitEmpty({
      Packages: listAllPackages ? listPackages(group, report.inventory.packages) : [],
      Vulnerabilities: group.findings.map(vulnerabilityFields),
      ExperimentalModifiedFindings: group.suppressed.map(suppressedFields),
    }),
  };
}

function listPackages({ packages, class: kind }: TargetGroup, all: readonly InventoryPackage[]): unknown[] {
  const ids = new Map<string, string>();
  for (const pkg of packages) {
    ids.set(dependencyKey(pkg.cataloger, pkg.name), packageId(pkg));
    ids.set(dependencyKey(pkg.cataloger, `${pkg.name}@${pkg.version}`), packageId(pkg));
  }
  const contained =
    kind === 'os-pkgs' ? Map.groupBy(all.filter(isOwned), ({ ownedBy }) => identityKey(ownedBy)) : undefined;
  return packages.map((pkg) => {
    const needs = (pkg.dependsOn ?? [])
      .map((name) => ids.get(dependencyKey(pkg.cataloger, name)))
      .filter((id) => id !== undefined);
    return packageFields(pkg, [...new Set(needs)].sort(), contained?.get(identityKey(pkg)) ?? []);
  });
}

function isOwned(pkg: InventoryPackage): pkg is InventoryPackage & { readonly ownedBy: PackageIdentity } {
  return pkg.ownedBy !== undefined;
}

function identityKey({ type, name, version }: PackageIdentity): string {
  return `${type}\0${name}\0${version}`;
}

function dependencyKey(cataloger: string, name: string): string {
  return `${cataloger}\0${name}`;
}

function suppressedFields({ finding, status, source, statement }: SuppressedFinding): unknown {
  return {
    Type: 'vulnerability',
    Status: status,
    ...omitEmpty({ Statement: statement, Source: source }),
    Finding: vulnerabilityFields(finding),
  };
}
