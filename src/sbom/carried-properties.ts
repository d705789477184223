import type { InventoryPackage } from '../package/package.ts';
import { packageOfPurl } from '../package/purl-of-package.ts';
import type { SbomDocument } from './model.ts';

/** What every name starts with under which a document carries this program's own facts. */
export const carriedPrefix = 'seaworthy:';

/**
 * The facts of a package that a format has no place of its own for, as name and value.
 *
 * CycloneDX writes them as properties, SPDX as an annotation. They are what makes the scan of a document find what the
 * scan of the image finds, so nothing is left to be guessed from the purl. Lists and structures are JSON.
 *
 * @param formatLicenses the licence statements that a reader gets from the format's own licence fields; carried only
 * when they differ from what was found
 */
export function carriedProperties(pkg: InventoryPackage, formatLicenses: readonly string[]): [string, string][] {
  const found: [string, string | undefined][] = [
    ['type', pkg.type],
    ['cataloger', pkg.cataloger],
    ['name', nameInPurl(pkg.purl) === pkg.name ? undefined : pkg.name],
    ['arch', pkg.arch],
    ['source:name', pkg.source?.name],
    ['source:version', pkg.source?.version],
    ['maintainer', pkg.maintainer],
    ['modularityLabel', pkg.modularityLabel],
    ['digest', pkg.digest],
    ['innerPath', pkg.innerPath],
    ['main', pkg.main === undefined ? undefined : String(pkg.main)],
    ['licenses', sameTexts(formatLicenses, pkg.licenses) ? undefined : JSON.stringify(pkg.licenses)],
    ['qualifiers', pkg.qualifiers && JSON.stringify(pkg.qualifiers)],
    ['dependsOn', pkg.dependsOn && JSON.stringify(pkg.dependsOn)],
    ['locations', JSON.stringify(pkg.locations)],
    ['ownedBy', pkg.ownedBy && JSON.stringify(pkg.ownedBy)],
  ];
  return found.flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[carriedPrefix + name, value]],
  );
}

/** The same for the subject and for the document as a whole. */
export function carriedDocumentProperties(document: SbomDocument): {
  readonly subject: readonly [string, string][];
  readonly distro: readonly [string, string][];
  readonly document: readonly [string, string][];
} {
  return {
    subject: [[`${carriedPrefix}subject`, JSON.stringify(document.subject)]],
    distro: document.distro === undefined ? [] : [[`${carriedPrefix}distro`, JSON.stringify(document.distro)]],
    document: [
      ...(document.problems.length === 0 ? [] : [carried('problems', JSON.stringify(document.problems))]),
      ...(document.scanSignature === undefined ? [] : [carried('scanSignature', document.scanSignature)]),
    ],
  };
}

function carried(name: string, value: string): [string, string] {
  return [carriedPrefix + name, value];
}

function nameInPurl(purl: string): string | undefined {
  try {
    return packageOfPurl(purl)?.package.name;
  } catch {
    return undefined;
  }
}

function sameTexts(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((text, index) => text === b[index]);
}
