import { printableJson } from '../../base/printable-json.ts';
import { osPackageTypes } from '../../package/package.ts';
import { carriedDocumentProperties, carriedProperties } from '../carried-properties.ts';
import { parseChecksum, type Checksum } from '../checksum.ts';
import { isIriReference } from '../iri-reference.ts';
import type { SbomDocument, SbomPackage } from '../model.ts';
import { idWord } from '../package-id.ts';
import { decodeLicenses, encodeLicenses, type ExtractedLicense } from './licenses.ts';

const documentId = 'SPDXRef-DOCUMENT';
const rootId = 'SPDXRef-Root';
const systemId = 'SPDXRef-OperatingSystem';

const checksumNames: Readonly<Record<Checksum['algorithm'], string>> = {
  md5: 'MD5',
  sha1: 'SHA1',
  sha256: 'SHA256',
  sha384: 'SHA384',
  sha512: 'SHA512',
};

/**
 * Writes SPDX 2.3 JSON, valid against the schema of the specification's repository, indented by two, with a newline at
 * the end. Files are not listed (`filesAnalyzed` false), so no verification code is needed (§7.8, §7.9).
 */
export function encodeSpdx(document: SbomDocument): string {
  const carried = carriedDocumentProperties(document);
  const extracted = new Map<string, ExtractedLicense>();
  const packages = [
    subjectPackage(document, carried.subject),
    ...(document.distro === undefined ? [] : [systemPackage(document, carried.distro)]),
    ...document.packages.map((pkg) => librarySpdxPackage(pkg, document, extracted)),
  ];
  const explained = [...extracted.values()].sort((a, b) => (a.licenseId < b.licenseId ? -1 : 1));
  return `${printableJson({
    spdxVersion: 'SPDX-2.3',
    dataLicense: 'CC0-1.0',
    SPDXID: documentId,
    name: document.subject.name,
    documentNamespace: `https://spdx.org/spdxdocs/${idWord(document.subject.name)}-${document.uuid}`,
    creationInfo: { created: document.createdAt, creators: [toolName(document)] },
    ...annotations(document, carried.document),
    packages,
    ...(explained.length === 0 ? {} : { hasExtractedLicensingInfos: explained }),
    relationships: relationshipsOf(document),
  })}\n`;
}

function subjectPackage(document: SbomDocument, carried: readonly [string, string][]): object {
  const { subject } = document;
  const version = subject.manifestDigest ?? subject.imageId;
  return {
    SPDXID: rootId,
    name: subject.name,
    ...(version === undefined ? {} : { versionInfo: version }),
    ...unknownOrigin,
    supplier: 'NOASSERTION',
    primaryPackagePurpose: subject.type === 'container_image' ? 'CONTAINER' : 'OTHER',
    ...checksums(subject.manifestDigest),
    ...licenseFields('NOASSERTION'),
    ...purlReference(subject.purl),
    ...annotations(document, carried),
  };
}

function systemPackage(document: SbomDocument, carried: readonly [string, string][]): object {
  const { distro } = document;
  return {
    SPDXID: systemId,
    name: distro?.id,
    ...(distro?.version === '' ? {} : { versionInfo: distro?.version }),
    ...unknownOrigin,
    supplier: 'NOASSERTION',
    // The schema's spelling; the prose of §7.24 writes OPERATING-SYSTEM.
    primaryPackagePurpose: 'OPERATING_SYSTEM',
    ...(distro?.prettyName === undefined ? {} : { summary: distro.prettyName }),
    ...licenseFields('NOASSERTION'),
    ...annotations(document, carried),
  };
}

function librarySpdxPackage(
  pkg: SbomPackage,
  document: SbomDocument,
  extracted: Map<string, ExtractedLicense>,
): object {
  const declared = encodeLicenses(pkg.licenses, extracted);
  const texts = { get: (licenseId: string): string | undefined => extracted.get(licenseId)?.extractedText };
  return {
    SPDXID: packageId(pkg.id),
    name: pkg.name,
    ...(pkg.version === '' ? {} : { versionInfo: pkg.version }),
    ...unknownOrigin,
    downloadLocation: downloadLocation(pkg),
    supplier: supplierOf(pkg.maintainer),
    primaryPackagePurpose: pkg.main === true ? 'APPLICATION' : 'LIBRARY',
    ...checksums(pkg.digest),
    sourceInfo: sourceInfo(pkg),
    ...licenseFields(declared),
    ...purlReference(pkg.purl),
    ...annotations(document, carriedProperties(pkg, decodeLicenses(declared, texts))),
  };
}

const unknownOrigin = { downloadLocation: 'NOASSERTION', filesAnalyzed: false } as const;

function licenseFields(declared: string): object {
  return { licenseConcluded: 'NOASSERTION', licenseDeclared: declared, copyrightText: 'NOASSERTION' };
}

function checksums(digest: string | undefined): object {
  const checksum = parseChecksum(digest);
  if (checksum === undefined) return {};
  return { checksums: [{ algorithm: checksumNames[checksum.algorithm], checksumValue: checksum.hex }] };
}

function purlReference(purl: string | undefined): object {
  if (purl === undefined) return {};
  return {
    externalRefs: [{ referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator: purl }],
  };
}

/** A purl's `vcs_url` is written as SPDX writes download locations (§7.7), its `download_url` is one. */
function downloadLocation({ qualifiers }: SbomPackage): string {
  const known = [qualifiers?.['download_url'], qualifiers?.['vcs_url']].find(
    (url) => url !== undefined && /^(?:(?:git|hg|svn|bzr)\+)?[a-z]+:\/\//.test(url) && isIriReference(url),
  );
  return known ?? 'NOASSERTION';
}

/** §7.5: `Organization: Name (email)`, one line. */
function supplierOf(maintainer: string | undefined): string {
  const line = (maintainer ?? '').replaceAll(/\s+/g, ' ').trim();
  if (line === '') return 'NOASSERTION';
  const match = /^([^<>]+) <([^<> ]+)>$/.exec(line);
  return match === null ? `Organization: ${line}` : `Organization: ${match[1]} (${match[2]})`;
}

function sourceInfo({ source, locations, innerPath }: SbomPackage): string {
  const built = source === undefined ? '' : `built from ${source.name} ${source.version}; `;
  const inside = innerPath === undefined ? '' : `!/${innerPath}`;
  return `${built}found in ${locations.map(({ path }) => path + inside).join(', ')}`;
}

function annotations(document: SbomDocument, carried: readonly (readonly [string, string])[]): object {
  if (carried.length === 0) return {};
  return {
    annotations: [
      {
        annotationDate: document.createdAt,
        annotationType: 'OTHER',
        annotator: toolName(document),
        comment: JSON.stringify(Object.fromEntries(carried)),
      },
    ],
  };
}

function relationshipsOf(document: SbomDocument): object[] {
  const relation = (from: string, relationshipType: string, to: string): object => ({
    spdxElementId: from,
    relationshipType,
    relatedSpdxElement: to,
  });
  return [
    relation(documentId, 'DESCRIBES', rootId),
    ...(document.distro === undefined ? [] : [relation(rootId, 'CONTAINS', systemId)]),
    ...document.packages.map(({ type, id }) =>
      relation(
        document.distro !== undefined && osPackageTypes.has(type) ? systemId : rootId,
        'CONTAINS',
        packageId(id),
      ),
    ),
    ...document.relationships.map(({ from, kind, to }) =>
      relation(packageId(from), kind === 'contains' ? 'CONTAINS' : 'DEPENDS_ON', packageId(to)),
    ),
  ];
}

function packageId(id: string): string {
  return `SPDXRef-Package-${id}`;
}

function toolName({ tool }: SbomDocument): string {
  return `Tool: ${tool.name}-${tool.version}`;
}
