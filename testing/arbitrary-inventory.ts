import * as fc from 'fast-check';
import type { Digest } from '../src/oci/digest.ts';
import type { Distro } from '../src/package/distro.ts';
import type { Inventory } from '../src/package/inventory.ts';
import type { InventoryPackage, Package, PackageType } from '../src/package/package.ts';
import { purlOfPackage } from '../src/package/purl-of-package.ts';

const types: readonly PackageType[] = [
  'apk',
  'bitnami',
  'cargo',
  'composer',
  'deb',
  'gem',
  'generic',
  'golang',
  'maven',
  'npm',
  'nuget',
  'opkg',
  'pypi',
  'rpm',
];

const digest = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes): Digest => {
  return `sha256:${Buffer.from(bytes).toString('hex')}` as Digest;
});

const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.string({ unit: 'binary', maxLength: 6 }),
  fc.constantFrom(
    'a',
    'b',
    'libc6',
    '@scope/name',
    'group:artifact',
    'github.com/a/b',
    '1:2.3-4',
    '__proto__',
    '\ud800',
  ),
);

const license = fc.oneof(
  text,
  fc.constantFrom(
    'MIT',
    'mit',
    'GPL-2.0+',
    'GPL-2.0-or-later WITH Classpath-exception-2.0',
    '(MIT OR Apache-2.0) AND BSD-3-Clause',
    'Bugroff',
    'LicenseRef-a',
    'NOASSERTION',
    'SEE LICENSE IN LICENSE.md',
  ),
);

const layer = fc.record({ diffId: digest, digest }, { requiredKeys: ['diffId'], noNullPrototype: true });
const location = fc.record({ path: text, layer }, { requiredKeys: ['path'], noNullPrototype: true });

const anyPackage = fc.record(
  {
    type: fc.constantFrom(...types),
    name: text,
    version: text,
    licenses: fc.array(license, { maxLength: 3 }),
    cataloger: fc.constantFrom('dpkg', 'npm', 'sbom'),
    arch: text,
    source: fc.record({ name: text, version: text }, { noNullPrototype: true }),
    maintainer: text,
    modularityLabel: text,
    digest: fc.oneof(digest, text),
    innerPath: text,
    qualifiers: fc.dictionary(fc.constantFrom('vcs_url', 'download_url', 'platform'), text, { noNullPrototype: true }),
    dependsOn: fc.array(text, { maxLength: 3 }),
    main: fc.boolean(),
  },
  { requiredKeys: ['type', 'name', 'version', 'licenses', 'cataloger'], noNullPrototype: true },
);

const distro = fc.record(
  {
    id: fc.oneof(fc.constantFrom('debian', 'alpine', 'rhel', 'opensuse-leap'), text),
    version: text,
    prettyName: text,
    codename: text,
    idLike: fc.array(text, { maxLength: 2 }),
    repositories: fc.array(text, { maxLength: 2 }),
    esm: fc.boolean(),
  },
  { requiredKeys: ['id', 'version', 'idLike'], noNullPrototype: true },
);

const problem = fc.record(
  { code: fc.constant('MALFORMED'), subject: text, message: text, incomplete: fc.constant(true as const) },
  { requiredKeys: ['code', 'subject', 'message'], noNullPrototype: true },
);

/** Any inventory that catalogers could make of a hostile image; its packages stand in no particular order. */
export const arbitraryInventory: fc.Arbitrary<Inventory> = fc
  .tuple(
    fc.option(distro, { nil: undefined }),
    fc.array(fc.tuple(anyPackage, fc.array(location, { minLength: 1, maxLength: 3 }), fc.nat(8)), { maxLength: 8 }),
    fc.array(problem, { maxLength: 2 }),
  )
  .map(([system, parts, problems]) => inventoryOf(system as Distro | undefined, parts as never, problems));

function inventoryOf(
  distro: Distro | undefined,
  parts: readonly (readonly [Package, InventoryPackage['locations'], number])[],
  problems: Inventory['problems'],
): Inventory {
  const packages = parts.map(([pkg, locations, owner]): InventoryPackage => {
    const owning = parts[owner]?.[0];
    return {
      ...pkg,
      purl: purlOfPackage(pkg, distro),
      locations,
      ...(owning === undefined ? {} : { ownedBy: { type: owning.type, name: owning.name, version: owning.version } }),
    };
  });
  return { ...(distro === undefined ? {} : { distro }), packages, problems };
}
