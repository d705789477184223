import type { Fact, OwnershipFact } from '../../cataloger.ts';
import { readSpdxPackages, type SpdxPackage } from '../spdx.ts';

/** What one of Bitnami's documents says. */
export interface BitnamiComponent {
  readonly facts: readonly Fact[];
  /** Entries that could not be used. */
  readonly unusable: number;
}

/**
 * Reads the SPDX document that lies in the folder of a Bitnami component. Only packages with Bitnami's own purls are
 * taken: the rest of the document repeats what other catalogers find in the files themselves.
 *
 * The component that the document describes owns the document's folder, unless that is the common root of all.
 *
 * @param path of the document in the image
 * @throws CatalogError MALFORMED or UNSUPPORTED
 */
export function parseBitnamiDocument(bytes: Buffer, path: string): BitnamiComponent {
  const { packages, unusable } = readSpdxPackages(bytes, 'bitnami');
  const owner = packages.find(({ described }) => described) ?? packages[0];
  const folder = path.slice(0, path.lastIndexOf('/'));
  const facts: Fact[] = packages.map(packageFact);
  if (owner !== undefined && !/(?:^|\/)opt\/bitnami$/.test(folder)) facts.push(ownershipFact(owner, folder));
  return { facts, unusable };
}

function packageFact({ purl, licenses, supplier }: SpdxPackage): Fact {
  return {
    kind: 'package',
    package: {
      type: 'bitnami',
      name: purl.name,
      version: purl.version,
      ...(purl.arch !== undefined && { arch: purl.arch }),
      licenses,
      ...(supplier !== undefined && { maintainer: supplier }),
      cataloger: 'bitnami',
    },
  };
}

function ownershipFact({ purl }: SpdxPackage, folder: string): OwnershipFact {
  return {
    kind: 'ownership',
    type: 'bitnami',
    name: purl.name,
    ...(purl.arch !== undefined && { arch: purl.arch }),
    paths: [],
    directories: [folder],
  };
}
