import type { Problem } from '../base/problem.ts';
import { formatPackageUrl } from '../package/package-url.ts';
import type { Distro } from '../package/distro.ts';
import type { Location } from '../package/location.ts';
import type { InventoryPackage } from '../package/package.ts';
import type { Artifact, ImageFacts, ScanReport } from '../finding/scan-report.ts';
import { documentTime } from './document-time.ts';
import { compareInventoryPackages } from '../package/inventory-order.ts';
import type { SbomDocument, SbomPackage, SbomSubject, SbomTool } from './model.ts';
import { packageIds } from './package-id.ts';
import { relationshipsOf } from './relationships.ts';
import { uuidOfContent } from './uuid.ts';

/** What a document says besides the scan's results. */
export interface SbomDocumentOptions {
  readonly tool: SbomTool;
  /** As in {@link SbomDocument}. */
  readonly scanSignature?: string;
  /** The environment's `SOURCE_DATE_EPOCH`, as written (reproducible-builds.org, specs/source-date-epoch). */
  readonly sourceDateEpoch?: string | undefined;
}

/**
 * Makes the document of a scan. Nothing but the arguments decides it: the same image gives the same document, its time
 * and its UUID included.
 *
 * @throws SbomError SOURCE_DATE_EPOCH_INVALID
 */
export function documentOfReport(
  report: Pick<ScanReport, 'artifact' | 'inventory' | 'createdAt'>,
  options: SbomDocumentOptions,
): SbomDocument {
  const { inventory } = report;
  const sorted = inventory.packages.map(orderedPackage).sort(compareInventoryPackages);
  const ids = packageIds(sorted);
  const packages: SbomPackage[] = sorted.map((pkg, index) => ({ id: ids[index] as string, ...pkg }));
  const content = {
    subject: subjectOf(report.artifact),
    ...(inventory.distro === undefined ? {} : { distro: orderedDistro(inventory.distro) }),
    packages,
    relationships: relationshipsOf(packages),
    problems: inventory.problems.map(orderedProblem),
    tool: { name: options.tool.name, version: options.tool.version },
    ...(options.scanSignature === undefined ? {} : { scanSignature: options.scanSignature }),
    createdAt: documentTime(report, options.sourceDateEpoch),
  };
  return { ...content, uuid: uuidOfContent(JSON.stringify(content)) };
}

/** Keys in one order, whoever made the object: the document's bytes must not tell a fresh scan from a cached one. */
function orderedPackage(pkg: InventoryPackage): InventoryPackage {
  return definedOnly<InventoryPackage>({
    type: pkg.type,
    name: pkg.name,
    version: pkg.version,
    arch: pkg.arch,
    source: pkg.source && { name: pkg.source.name, version: pkg.source.version },
    licenses: [...pkg.licenses],
    maintainer: pkg.maintainer,
    modularityLabel: pkg.modularityLabel,
    digest: pkg.digest,
    cataloger: pkg.cataloger,
    innerPath: pkg.innerPath,
    qualifiers: pkg.qualifiers && sortedRecord(pkg.qualifiers),
    dependsOn: pkg.dependsOn && [...pkg.dependsOn],
    main: pkg.main,
    purl: pkg.purl,
    locations: pkg.locations.map(orderedLocation),
    ownedBy: pkg.ownedBy && { type: pkg.ownedBy.type, name: pkg.ownedBy.name, version: pkg.ownedBy.version },
  });
}

function orderedLocation({ path, layer }: Location): Location {
  if (layer === undefined) return { path };
  return { path, layer: definedOnly<typeof layer>({ diffId: layer.diffId, digest: layer.digest }) };
}

function orderedProblem({ code, subject, message, incomplete }: Problem): Problem {
  return definedOnly<Problem>({ code, subject, message, incomplete });
}

function orderedDistro(distro: Distro): Distro {
  return definedOnly<Distro>({
    id: distro.id,
    version: distro.version,
    prettyName: distro.prettyName,
    codename: distro.codename,
    idLike: [...distro.idLike],
    repositories: distro.repositories && [...distro.repositories],
    esm: distro.esm,
  });
}

function subjectOf(artifact: Artifact): SbomSubject {
  const { image } = artifact;
  if (image === undefined) {
    return { name: artifact.name, type: 'filesystem', repoTags: [], repoDigests: [], layers: [] };
  }
  return definedOnly<SbomSubject>({
    name: artifact.name,
    type: 'container_image',
    manifestDigest: image.manifestDigest,
    imageId: image.imageId,
    platform: definedOnly<ImageFacts['platform']>({
      os: image.platform.os,
      architecture: image.platform.architecture,
      variant: image.platform.variant,
      osVersion: image.platform.osVersion,
    }),
    repoTags: [...image.repoTags],
    repoDigests: [...image.repoDigests],
    layers: image.layers.map(({ diffId, digest, size }) =>
      definedOnly<ImageFacts['layers'][number]>({ diffId, digest, size }),
    ),
    purl: imagePurl(image),
  });
}

/** `pkg:oci/NAME@DIGEST?arch=…&repository_url=…` (purl-spec, types/oci); only a registry's digest makes one. */
function imagePurl(image: ImageFacts): string | undefined {
  const match = /^([^@]*[^@/])@(.+)$/.exec(image.repoDigests[0] ?? '');
  if (match === null) return undefined;
  const repository = match[1] as string;
  return formatPackageUrl({
    type: 'oci',
    name: repository.slice(repository.lastIndexOf('/') + 1),
    version: match[2],
    qualifiers: { arch: image.platform.architecture, repository_url: repository },
  });
}

function sortedRecord(record: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Drops what is undefined, so that absence is absence in every copy. */
function definedOnly<Shape extends object>(object: { readonly [Key in keyof Shape]: Shape[Key] | undefined }): Shape {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as Shape;
}
