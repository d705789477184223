import type { Steps } from '../../base/steps.ts';
import { isDigest } from '../../oci/digest.ts';
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
  readComponent,
  readDependency,
  readDocument,
  type CycloneDxComponent,
  type CycloneDxDocument,
} from './schema.ts';

/** Component types that are no packages: their absence from the result is not worth a problem. */
const structural: ReadonlySet<string> = new Set([
  'container',
  'device',
  'data',
  'file',
  'operating-system',
  'platform',
]);

/**
 * Reads CycloneDX JSON 1.2 to 1.7: this program's documents without loss, those of Trivy and Syft with the facts that
 * their properties carry, others by their purls.
 *
 * @throws SbomError
 */
export function* decodeCycloneDx(json: unknown, limits: SbomLimits): Steps<SbomDocument> {
  const document = readDocument(json);
  if (document === undefined) {
    throw new SbomError('SBOM_MALFORMED', 'The CycloneDX document breaks its schema; write it anew with its producer');
  }
  if (!/^1\.[2-7]$/.test(document.specVersion)) {
    throw new SbomError(
      'SBOM_VERSION_UNSUPPORTED',
      `CycloneDX ${document.specVersion.slice(0, 20)} is not read; write the document as 1.2 to 1.7`,
    );
  }
  const { components, malformed } = flatten(document, limits);
  const dependencies = edgesOf(document.dependencies ?? [], limits);
  const parents = applicationParents(components, dependencies);
  const system = components.find(({ type }) => type === 'operating-system');
  const subject = subjectOf(document);
  const metadataProperties = propertyMap(document.metadata?.properties, limits);
  const serial = /^urn:uuid:([0-9a-f-]{36})$/i.exec(document.serialNumber ?? '')?.[1];
  yield;
  return yield* assembleDocument({
    subject,
    system: system && systemOf(system.name, system.version ?? '', propertyMap(system.properties, limits)),
    components: components
      .filter((component) => component.purl !== undefined || !isStructure(component))
      .map((component) => importedComponent(component, parents, limits)),
    dependencies,
    containments: [],
    problems: readJsonShape('problems', metadataProperties.get(`${carriedPrefix}problems`) ?? '[]') ?? [],
    malformed,
    tool: toolOf(document),
    scanSignature: metadataProperties.get(`${carriedPrefix}scanSignature`),
    createdAt: wholeSeconds(Date.parse(document.metadata?.timestamp ?? '')),
    uuid: serial?.toLowerCase() ?? uuidOfContent(subject.name),
  });
}

/** Trivy lists lock files and such as applications without a purl: they only group packages. */
function isStructure({ type, properties }: CycloneDxComponent): boolean {
  const groups = properties?.some((property) => property?.name === 'aquasecurity:trivy:Class') === true;
  return structural.has(type) || (type === 'application' && groups);
}

function flatten(
  document: CycloneDxDocument,
  limits: SbomLimits,
): { components: CycloneDxComponent[]; malformed: number } {
  const components: CycloneDxComponent[] = [];
  let malformed = 0;
  const lists = [document.components ?? [], document.metadata?.component?.components ?? []];
  for (let list = lists.pop(); list !== undefined; list = lists.pop()) {
    for (const json of list) {
      if (components.length + malformed >= limits.components) {
        throw new SbomError('LIMIT_EXCEEDED', `The document has more than ${limits.components} components; split it`);
      }
      const component = readComponent(json);
      if (component === undefined) malformed += 1;
      else components.push(component);
      if (component?.components !== undefined) lists.push(component.components);
    }
  }
  return { components, malformed };
}

function edgesOf(nodes: readonly unknown[], limits: SbomLimits): [string, string][] {
  const found: [string, string][] = [];
  for (const json of nodes) {
    const node = readDependency(json);
    for (const to of node?.dependsOn ?? []) {
      if (found.length >= limits.edges) {
        throw new SbomError('LIMIT_EXCEEDED', `The document has more than ${limits.edges} dependencies; split it`);
      }
      found.push([node?.ref as string, to]);
    }
  }
  return found;
}

/** For Trivy: the file that a package was read from is the application component that depends on it. */
function applicationParents(
  components: readonly CycloneDxComponent[],
  dependencies: readonly (readonly [string, string])[],
): Map<string, string> {
  const names = new Map<string, string>();
  for (const component of components) {
    const ref = component['bom-ref'];
    if (component.type === 'application' && component.purl === undefined && ref !== undefined) {
      names.set(ref, component.name);
    }
  }
  const parents = new Map<string, string>();
  for (const [from, to] of dependencies) {
    const name = names.get(from);
    if (name !== undefined && !parents.has(to)) parents.set(to, name);
  }
  return parents;
}

function importedComponent(
  component: CycloneDxComponent,
  parents: ReadonlyMap<string, string>,
  limits: SbomLimits,
): ImportedComponent {
  const ref = component['bom-ref'] ?? '';
  const occurrences = component.evidence?.occurrences?.map(({ location }) => location) ?? [];
  const parent = parents.get(ref);
  return {
    ref,
    version: component.version ?? '',
    purl: component.purl,
    licenses: decodeLicenses(component.licenses ?? []),
    digest: component.hashes
      ?.map(({ alg, content }) => digestOfChecksum(alg, content))
      .find((digest) => digest !== undefined),
    supplier: component.supplier?.name,
    paths: occurrences.length > 0 || parent === undefined ? occurrences : [parent],
    properties: propertyMap(component.properties, limits),
  };
}

function propertyMap(
  list: readonly ({ readonly name: string; readonly value: string } | null)[] | undefined,
  limits: SbomLimits,
): Map<string, string> {
  const found = new Map<string, string>();
  for (const property of (list ?? []).slice(0, limits.properties)) {
    if (property !== null && !found.has(property.name)) found.set(property.name, property.value);
  }
  return found;
}

function subjectOf({ metadata }: CycloneDxDocument): SbomSubject {
  const component = metadata?.component;
  const list = component?.properties?.filter((property) => property !== null) ?? [];
  const own = list.find(({ name }) => name === `${carriedPrefix}subject`);
  const carried = own && readJsonShape('subject', own.value);
  if (carried !== undefined) return carried;
  const values = (name: string): string[] =>
    list.filter((property) => property.name === `aquasecurity:trivy:${name}`).map(({ value }) => value);
  const imageId = values('ImageID').find(isDigest);
  return {
    name: component?.name ?? 'unnamed',
    type: component?.type === 'container' ? 'container_image' : 'filesystem',
    ...(imageId === undefined ? {} : { imageId }),
    repoTags: values('RepoTag'),
    repoDigests: values('RepoDigest'),
    layers: values('DiffID')
      .filter(isDigest)
      .map((diffId) => ({ diffId })),
    ...(component?.purl === undefined ? {} : { purl: component.purl }),
  };
}

function toolOf({ metadata }: CycloneDxDocument): SbomTool {
  const tools = metadata?.tools;
  const first = tools === undefined ? undefined : 'components' in tools ? tools.components[0] : tools[0];
  return { name: first?.name ?? 'unknown', version: first?.version ?? '' };
}
