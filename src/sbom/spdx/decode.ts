import type { Steps } from '../../base/steps.ts';
import type { SourcePackage } from '../../package/package.ts';
import { assembleDocument, systemOf } from '../assemble-document.ts';
import { carriedPrefix } from '../carried-properties.ts';
import { digestOfChecksum } from '../checksum.ts';
import { wholeSeconds } from '../document-time.ts';
import { SbomError } from '../error.ts';
import type { ImportedComponent } from '../imported-component.ts';
import type { SbomLimits } from '../limits.ts';
import type { SbomDocument, SbomSubject, SbomTool } from '../model.ts';
import { readJsonShape } from '../schema.ts';
import { uuidOfContent } from '../uuid.ts';
import { decodeLicenses } from './licenses.ts';
import {
  readDocument,
  readPackage,
  readRelationship,
  type SpdxAnnotations,
  type SpdxDocument,
  type SpdxPackage,
} from './schema.ts';

/** Purposes of entries that are no packages; their absence from the result is not worth a problem. */
const structural: ReadonlySet<string> = new Set(['CONTAINER', 'OPERATING_SYSTEM', 'OPERATING-SYSTEM', 'FILE']);

const groupFact = 'aquasecurity:trivy:Class';

/**
 * Reads SPDX JSON 2.2 and 2.3: this program's documents without loss, those of Trivy and Syft with the facts that their
 * annotations and source notes carry, others by their purls.
 *
 * @throws SbomError
 */
export function* decodeSpdx(json: unknown, limits: SbomLimits): Steps<SbomDocument> {
  const document = readDocument(json);
  if (document === undefined) {
    throw new SbomError('SBOM_MALFORMED', 'The SPDX document breaks its schema; write it anew with its producer');
  }
  if (!/^SPDX-2\.[23]$/.test(document.spdxVersion)) {
    throw new SbomError(
      'SBOM_VERSION_UNSUPPORTED',
      `"${document.spdxVersion.slice(0, 20)}" is not read; write the document as SPDX 2.2 or 2.3`,
    );
  }
  const { packages, malformed } = packagesOf(document, limits);
  const edges = edgesOf(document, limits);
  const texts = new Map<string, string>();
  for (const { licenseId, extractedText } of document.hasExtractedLicensingInfos ?? []) {
    if (licenseId !== undefined && extractedText !== undefined) texts.set(licenseId, extractedText);
  }
  const system = packages.find(({ primaryPackagePurpose }) =>
    /^OPERATING[-_]SYSTEM$/.test(primaryPackagePurpose ?? ''),
  );
  const parents = applicationParents(packages, edges);
  const subject = subjectOf(document, packages, edges.described, limits);
  const documentProperties = propertiesOf(document.annotations, undefined, limits);
  const uuid = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.exec(document.documentNamespace ?? '')?.[0];
  yield;
  return yield* assembleDocument({
    subject,
    system: system && systemOf(system.name, system.versionInfo ?? '', packageProperties(system, limits)),
    components: packages
      .filter((pkg) => !edges.described.has(pkg.SPDXID) && !isStructure(pkg, limits))
      .map((pkg) => importedComponent(pkg, texts, parents, limits)),
    dependencies: edges.dependencies,
    containments: edges.containments,
    problems: readJsonShape('problems', documentProperties.get(`${carriedPrefix}problems`) ?? '[]') ?? [],
    malformed,
    tool: toolOf(document),
    scanSignature: documentProperties.get(`${carriedPrefix}scanSignature`),
    createdAt: wholeSeconds(Date.parse(document.creationInfo?.created ?? '')),
    uuid: uuid ?? uuidOfContent(document.documentNamespace ?? subject.name),
  });
}

/** Trivy lists lock files and such as applications without a purl: they only group packages. */
function isStructure(pkg: SpdxPackage, limits: SbomLimits): boolean {
  const purpose = pkg.primaryPackagePurpose ?? '';
  if (purlOf(pkg) !== undefined) return purpose === 'CONTAINER';
  return structural.has(purpose) || (purpose === 'APPLICATION' && packageProperties(pkg, limits).has(groupFact));
}

function packagesOf(document: SpdxDocument, limits: SbomLimits): { packages: SpdxPackage[]; malformed: number } {
  const list = document.packages ?? [];
  if (list.length > limits.components) {
    throw new SbomError('LIMIT_EXCEEDED', `The document has more than ${limits.components} packages; split it`);
  }
  const packages = list.map(readPackage).filter((pkg) => pkg !== undefined);
  return { packages, malformed: list.length - packages.length };
}

interface Edges {
  readonly described: Set<string>;
  readonly dependencies: [string, string][];
  readonly containments: [string, string][];
}

/** Edges in one direction: `A DEPENDENCY_OF B` is `B` needing `A` (SPDX 2.3 §11.1, table 68). */
function edgesOf(document: SpdxDocument, limits: SbomLimits): Edges {
  const list = document.relationships ?? [];
  if (list.length > limits.edges) {
    throw new SbomError('LIMIT_EXCEEDED', `The document has more than ${limits.edges} relationships; split it`);
  }
  const edges: Edges = {
    described: new Set(document.documentDescribes),
    dependencies: [],
    containments: [],
  };
  for (const json of list) {
    const relationship = readRelationship(json);
    if (relationship === undefined) continue;
    const { spdxElementId: from, relatedSpdxElement: to } = relationship;
    switch (relationship.relationshipType) {
      case 'DESCRIBES':
        edges.described.add(to);
        break;
      case 'DESCRIBED_BY':
        edges.described.add(from);
        break;
      case 'CONTAINS':
        edges.containments.push([from, to]);
        break;
      case 'DEPENDS_ON':
        edges.dependencies.push([from, to]);
        break;
      case 'DEPENDENCY_OF':
      case 'RUNTIME_DEPENDENCY_OF':
        edges.dependencies.push([to, from]);
        break;
    }
  }
  return edges;
}

function importedComponent(
  pkg: SpdxPackage,
  texts: ReadonlyMap<string, string>,
  parents: ReadonlyMap<string, string>,
  limits: SbomLimits,
): ImportedComponent {
  const declared = pkg.licenseDeclared === 'NOASSERTION' ? pkg.licenseConcluded : pkg.licenseDeclared;
  return {
    ref: pkg.SPDXID,
    version: pkg.versionInfo ?? '',
    purl: purlOf(pkg),
    licenses: decodeLicenses(declared, texts),
    digest: pkg.checksums
      ?.map(({ algorithm, checksumValue }) => digestOfChecksum(algorithm, checksumValue))
      .find((digest) => digest !== undefined),
    supplier: /^(?:Organization|Person): (.+)$/.exec(pkg.supplier ?? '')?.[1],
    paths: pathsOf(pkg.sourceInfo, parents.get(pkg.SPDXID)),
    source: sourceOf(pkg.sourceInfo),
    properties: packageProperties(pkg, limits),
  };
}

function purlOf(pkg: SpdxPackage): string | undefined {
  return pkg.externalRefs?.find(({ referenceType }) => referenceType === 'purl')?.referenceLocator;
}

/** Syft: `acquired package info from DPKG DB: /var/lib/dpkg/status, /usr/share/doc/…`. */
function pathsOf(sourceInfo: string | undefined, parent: string | undefined): string[] {
  const match = /^acquired package info from [^:\n]*: (\/.*)$/.exec(sourceInfo ?? '');
  if (match !== null) return (match[1] as string).split(', ');
  return parent === undefined ? [] : [parent];
}

/** For Trivy: the file that a package was read from is the application that contains it. */
function applicationParents(packages: readonly SpdxPackage[], edges: Edges): Map<string, string> {
  const names = new Map<string, string>();
  for (const pkg of packages) {
    if (pkg.primaryPackagePurpose === 'APPLICATION' && purlOf(pkg) === undefined) names.set(pkg.SPDXID, pkg.name);
  }
  const parents = new Map<string, string>();
  for (const list of [edges.containments, edges.dependencies]) {
    for (const [from, to] of list) {
      const name = names.get(from);
      if (name !== undefined && !parents.has(to)) parents.set(to, name);
    }
  }
  return parents;
}

/** Trivy: `built package from: glibc 2.36-9`. */
function sourceOf(sourceInfo: string | undefined): SourcePackage | undefined {
  const match = /^built package from: (\S+) (\S+)$/.exec(sourceInfo ?? '');
  return match === null ? undefined : { name: match[1] as string, version: match[2] as string };
}

function packageProperties(pkg: SpdxPackage, limits: SbomLimits): Map<string, string> {
  return propertiesOf(pkg.annotations, pkg.attributionTexts, limits);
}

/** Facts of producers: this program's as one JSON object, Trivy's as `Key: value` lines. */
function propertiesOf(
  annotations: SpdxAnnotations,
  attributionTexts: readonly string[] | undefined,
  limits: SbomLimits,
): Map<string, string> {
  const found = new Map<string, string>();
  const texts = [...(annotations ?? []).map(({ comment }) => comment ?? ''), ...(attributionTexts ?? [])];
  for (const text of texts.slice(0, limits.properties)) {
    if (text.startsWith(`{"${carriedPrefix}`)) {
      for (const [name, value] of Object.entries(readJsonShape('record', text) ?? {})) {
        if (!found.has(name)) found.set(name, value);
      }
      continue;
    }
    const line = /^([A-Za-z]{1,40}): (.*)$/.exec(text);
    const name = `aquasecurity:trivy:${line?.[1]}`;
    if (line !== null && !found.has(name)) found.set(name, line[2] as string);
  }
  return found;
}

function subjectOf(
  document: SpdxDocument,
  packages: readonly SpdxPackage[],
  described: ReadonlySet<string>,
  limits: SbomLimits,
): SbomSubject {
  const root = packages.find(({ SPDXID }) => described.has(SPDXID));
  const properties = root === undefined ? undefined : packageProperties(root, limits);
  const own = readJsonShape('subject', properties?.get(`${carriedPrefix}subject`) ?? '');
  if (own !== undefined) return own;
  const purl = root && purlOf(root);
  return {
    name: root?.name ?? document.name ?? 'unnamed',
    type: root?.primaryPackagePurpose === 'CONTAINER' ? 'container_image' : 'filesystem',
    repoTags: [],
    repoDigests: [],
    layers: [],
    ...(purl === undefined ? {} : { purl }),
  };
}

function toolOf(document: SpdxDocument): SbomTool {
  const creator = document.creationInfo?.creators?.find((text) => text.startsWith('Tool: '))?.slice(6) ?? 'unknown';
  const dash = creator.search(/-v?\d/);
  return dash < 0 ? { name: creator, version: '' } : { name: creator.slice(0, dash), version: creator.slice(dash + 1) };
}
