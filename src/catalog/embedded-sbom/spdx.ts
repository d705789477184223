import { packageOfPurl, type PurlFields } from '../../package/purl-of-package.ts';
import { PackageUrlError } from '../../package/package-url-error.ts';
import type { PackageType } from '../../package/package.ts';
import { elements, member, parseJsonObject } from '../document/json.ts';
import { cleanText, cleanTexts, isAbsent, textLimits, tryIdentity } from '../document/text.ts';
import { CatalogError } from '../error.ts';

/** A package that an SPDX document lists with a purl of the wanted type. */
export interface SpdxPackage {
  readonly purl: PurlFields;
  readonly licenses: readonly string[];
  /** As the document writes it, such as `Organization: Example`, without the kind in front. */
  readonly supplier?: string;
  /** True when the document says that it describes this package. */
  readonly described: boolean;
}

/** What an SPDX document lists of one type. */
export interface SpdxPackages {
  readonly packages: readonly SpdxPackage[];
  /** Entries whose purl cannot be read, or lacks a usable name or version. */
  readonly unusable: number;
}

/** Longest purl that is read, in UTF-16 units. */
const maxPurlLength = 2_000;

/**
 * Lists the packages of one purl type in an SPDX 2 document in JSON (SPDX 2.3, clauses 7 and 11).
 *
 * @throws CatalogError MALFORMED, LIMIT_EXCEEDED, or UNSUPPORTED when the document is SPDX of another major version
 */
export function readSpdxPackages(bytes: Buffer, type: PackageType): SpdxPackages {
  const document = parseJsonObject(bytes);
  const version = member(document, 'spdxVersion');
  if (typeof version !== 'string' || !version.startsWith('SPDX-2.')) {
    throw new CatalogError('UNSUPPORTED', 'The file is no SPDX 2 document in JSON; its packages are not listed');
  }
  const described = describedIds(document);
  const packages: SpdxPackage[] = [];
  let unusable = 0;
  for (const entry of elements(member(document, 'packages'))) {
    const text = purlText(entry, type);
    if (text === undefined) continue;
    const purl = readPurl(text);
    if (purl === 'unusable') unusable += 1;
    else if (purl !== undefined) packages.push(readPackage(entry, purl, described));
  }
  return { packages, unusable };
}

function readPackage(entry: unknown, purl: PurlFields, described: ReadonlySet<unknown>): SpdxPackage {
  const supplier = cleanText(member(entry, 'supplier'), textLimits.maintainer);
  return {
    purl,
    licenses: readLicenses(entry),
    ...(supplier !== undefined &&
      supplier !== 'NOASSERTION' && { supplier: supplier.replace(/^(?:Organization|Person):\s*/, '') }),
    described: described.has(member(entry, 'SPDXID')),
  };
}

/** The declared licence, or what was concluded where nothing was declared (SPDX 2.3, 7.13 and 7.15). */
function readLicenses(entry: unknown): string[] {
  for (const key of ['licenseDeclared', 'licenseConcluded']) {
    const found = cleanTexts([member(entry, key)], textLimits.license, 1);
    if (found.length > 0 && found[0] !== 'NOASSERTION' && found[0] !== 'NONE') return found;
  }
  return [];
}

/** The first external reference that is a purl of the type. */
function purlText(entry: unknown, type: PackageType): string | undefined {
  for (const reference of elements(member(entry, 'externalRefs'))) {
    if (member(reference, 'referenceType') !== 'purl') continue;
    const locator = member(reference, 'referenceLocator');
    if (typeof locator === 'string' && locator.slice(0, 50).toLowerCase().startsWith(`pkg:${type}/`)) return locator;
  }
  return undefined;
}

/** Undefined without a version: the document then names a project, not something installed. */
function readPurl(text: string): PurlFields | 'unusable' | undefined {
  if (text.length > maxPurlLength) return 'unusable';
  try {
    const purl = packageOfPurl(text)?.package;
    if (purl === undefined || isAbsent(purl.version)) return undefined;
    const identity = tryIdentity(purl.name, purl.version);
    return identity === undefined ? 'unusable' : { ...purl, ...identity };
  } catch (error) {
    if (error instanceof PackageUrlError) return 'unusable';
    throw error;
  }
}

/** Ids that the document describes, by its own list or by a relationship (SPDX 2.3, 11.1). */
function describedIds(document: unknown): ReadonlySet<unknown> {
  const ids = new Set<unknown>(elements(member(document, 'documentDescribes')));
  for (const relationship of elements(member(document, 'relationships'))) {
    if (member(relationship, 'relationshipType') === 'DESCRIBES') ids.add(member(relationship, 'relatedSpdxElement'));
  }
  return ids;
}
