import type { PackageFact } from '../../cataloger.ts';
import { readSpdxPackages } from '../spdx.ts';

/** What one of the documents declares. */
export interface DeclaredPackages {
  readonly facts: readonly PackageFact[];
  /** Entries that could not be used. */
  readonly unusable: number;
}

/**
 * Reads the SPDX document that an apk of Wolfi or Chainguard installs for itself. Its apk packages are declared: they
 * count where the package database has been removed, and give way to it elsewhere. What the document says of upstream
 * sources is left out, as those are not installed under their own names.
 *
 * @throws CatalogError MALFORMED or UNSUPPORTED
 */
export function parseApkDocument(bytes: Buffer): DeclaredPackages {
  const { packages, unusable } = readSpdxPackages(bytes, 'apk');
  return {
    unusable,
    facts: packages.map(({ purl, licenses }) => ({
      kind: 'package',
      declared: true,
      package: {
        type: 'apk',
        name: purl.name,
        version: purl.version,
        ...(purl.arch !== undefined && { arch: purl.arch }),
        ...(purl.source !== undefined && { source: purl.source }),
        licenses,
        cataloger: 'embedded-sbom',
      },
    })),
  };
}
