import { printableJson } from '../../base/printable-json.ts';
import { osPackageTypes } from '../../package/package.ts';
import { carriedDocumentProperties, carriedProperties } from '../carried-properties.ts';
import { parseChecksum, type Checksum } from '../checksum.ts';
import { isIriReference } from '../iri-reference.ts';
import type { SbomDocument, SbomPackage } from '../model.ts';
import { decodeLicenses, encodeLicenses } from './licenses.ts';

const rootRef = 'root';
const systemRef = 'operating-system';

const hashNames: Readonly<Record<Checksum['algorithm'], string>> = {
  md5: 'MD5',
  sha1: 'SHA-1',
  sha256: 'SHA-256',
  sha384: 'SHA-384',
  sha512: 'SHA-512',
};

/**
 * Writes CycloneDX 1.6 JSON (ECMA-424, schema `bom-1.6.schema.json`), indented by two, with a newline at the end.
 *
 * The graph goes from the subject to the operating system to its packages, and from the subject to all others. A
 * package without known dependencies has no entry of its own and stands in a composition of unknown completeness.
 */
export function encodeCycloneDx(document: SbomDocument): string {
  const carried = carriedDocumentProperties(document);
  return `${printableJson({
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: `urn:uuid:${document.uuid}`,
    version: 1,
    metadata: {
      timestamp: document.createdAt,
      lifecycles: [{ phase: 'post-build' }],
      tools: { components: [{ type: 'application', name: document.tool.name, version: document.tool.version }] },
      component: subjectComponent(document, propertyList(carried.subject)),
      ...listOf('properties', propertyList(carried.document)),
    },
    components: [
      ...(document.distro === undefined ? [] : [systemComponent(document, propertyList(carried.distro))]),
      ...document.packages.map(packageComponent),
    ],
    dependencies: dependenciesOf(document),
    compositions: compositionsOf(document),
  })}\n`;
}

function subjectComponent({ subject }: SbomDocument, properties: readonly object[]): object {
  const digest = subject.manifestDigest ?? subject.imageId;
  return {
    type: subject.type === 'container_image' ? 'container' : 'application',
    'bom-ref': rootRef,
    name: subject.name,
    ...(digest === undefined ? {} : { version: digest }),
    ...(subject.purl === undefined ? {} : { purl: subject.purl }),
    properties,
  };
}

function systemComponent({ distro }: SbomDocument, properties: readonly object[]): object {
  return {
    type: 'operating-system',
    'bom-ref': systemRef,
    name: distro?.id,
    ...(distro?.version === '' ? {} : { version: distro?.version }),
    ...(distro?.prettyName === undefined ? {} : { description: distro.prettyName }),
    properties,
  };
}

function packageComponent(pkg: SbomPackage): object {
  const licenses = encodeLicenses(pkg.licenses);
  const { group, name } = groupedName(pkg);
  const checksum = parseChecksum(pkg.digest);
  return {
    type: pkg.main === true ? 'application' : 'library',
    'bom-ref': pkg.id,
    ...(pkg.maintainer === undefined ? {} : { supplier: { name: pkg.maintainer } }),
    ...(group === undefined ? {} : { group }),
    name,
    version: pkg.version,
    ...(checksum === undefined ? {} : { hashes: [{ alg: hashNames[checksum.algorithm], content: checksum.hex }] }),
    ...listOf('licenses', licenses),
    purl: pkg.purl,
    ...listOf('externalReferences', externalReferences(pkg)),
    properties: propertyList(carriedProperties(pkg, decodeLicenses(licenses))),
    evidence: { occurrences: pkg.locations.map(({ path }) => ({ location: occurrence(path, pkg.innerPath) })) },
  };
}

/** npm scopes, Maven groups and Composer vendors are groups; elsewhere the whole name is one. */
function groupedName(pkg: SbomPackage): { readonly group?: string; readonly name: string } {
  if (pkg.type !== 'npm' && pkg.type !== 'maven' && pkg.type !== 'composer') return { name: pkg.name };
  const at = pkg.name.indexOf(pkg.type === 'maven' ? ':' : '/');
  if (at <= 0 || (pkg.type === 'npm' && !pkg.name.startsWith('@'))) return { name: pkg.name };
  return { group: pkg.name.slice(0, at), name: pkg.name.slice(at + 1) };
}

function occurrence(path: string, innerPath: string | undefined): string {
  return innerPath === undefined ? path : `${path}!/${innerPath}`;
}

function externalReferences({ qualifiers }: SbomPackage): object[] {
  const references = [
    { type: 'vcs', url: qualifiers?.['vcs_url'] },
    { type: 'distribution', url: qualifiers?.['download_url'] },
  ];
  return references.filter(({ url }) => url !== undefined && isIriReference(url));
}

function dependenciesOf(document: SbomDocument): object[] {
  const systemRefs: string[] = [];
  const rootRefs: string[] = document.distro === undefined ? [] : [systemRef];
  for (const { type, id } of document.packages) {
    (document.distro !== undefined && osPackageTypes.has(type) ? systemRefs : rootRefs).push(id);
  }
  const edges = new Map<string, string[]>();
  for (const { from, kind, to } of document.relationships) {
    if (kind !== 'depends-on') continue;
    const targets = edges.get(from);
    if (targets === undefined) edges.set(from, [to]);
    else targets.push(to);
  }
  return [
    { ref: rootRef, dependsOn: rootRefs },
    ...(document.distro === undefined ? [] : [{ ref: systemRef, dependsOn: systemRefs }]),
    ...document.packages.flatMap(({ id, dependsOn }) => {
      const targets = edges.get(id);
      return targets === undefined && dependsOn === undefined ? [] : [{ ref: id, dependsOn: targets ?? [] }];
    }),
  ];
}

/** No list of installed packages proves that nothing else is there, so the best that is said is `unknown`. */
function compositionsOf({ packages, problems }: SbomDocument): object[] {
  const unknown = packages.filter(({ dependsOn }) => dependsOn === undefined).map(({ id }) => id);
  return [
    { aggregate: problems.length === 0 ? 'unknown' : 'incomplete', assemblies: [rootRef] },
    ...(unknown.length === 0 ? [] : [{ aggregate: 'unknown', dependencies: unknown }]),
  ];
}

function propertyList(pairs: readonly (readonly [string, string])[]): { name: string; value: string }[] {
  return pairs.map(([name, value]) => ({ name, value }));
}

function listOf(key: string, list: readonly object[]): object {
  return list.length === 0 ? {} : { [key]: list };
}
