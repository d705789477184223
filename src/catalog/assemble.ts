import type { Problem } from '../base/problem.ts';
import { isPause, type Steps } from '../base/steps.ts';
import type { Distro } from '../package/distro.ts';
import type { Inventory } from '../package/inventory.ts';
import { compareInventoryPackages } from '../package/inventory-order.ts';
import type { LayerOrigin, Location } from '../package/location.ts';
import { osPackageTypes, type InventoryPackage, type Package, type PackageIdentity } from '../package/package.ts';
import { purlOfPackage } from '../package/purl-of-package.ts';
import type { FileTree } from '../rootfs/file-tree.ts';
import { attributeOwnership } from './attribute-ownership.ts';
import type { OwnershipFact, PackageFact, ReleaseFact, RepositoryFact } from './cataloger.ts';
import type { FileReading } from './file-reading.ts';
import { findDistro } from './find-distro.ts';

/** A file as seen in the whole image, and what was read in it. */
export interface SeenReading {
  /** Real path in the image. */
  readonly path: string;
  readonly layer?: LayerOrigin;
  readonly reading: FileReading;
}

interface Seen<Kind> {
  readonly fact: Kind;
  readonly seen: SeenReading;
}

/**
 * Makes the inventory of an image from what was read in the files that are visible in it: finds the distribution,
 * gives every package its place and purl, and attributes language packages to the OS packages that own their files.
 *
 * @param problems what else could not be looked at
 */
export function* assembleInventory(
  readings: readonly SeenReading[],
  tree: FileTree,
  problems: readonly Problem[],
): Steps<Inventory> {
  const packages: Seen<PackageFact>[] = [];
  const releases: ReleaseFact[] = [];
  const repositories: RepositoryFact[] = [];
  const ownerships: OwnershipFact[] = [];
  for (const seen of readings) {
    for (const fact of seen.reading.facts) {
      if (fact.kind === 'package') packages.push({ fact, seen });
      else if (fact.kind === 'release') releases.push(fact);
      else if (fact.kind === 'repository') repositories.push(fact);
      else ownerships.push(fact);
    }
  }
  const distro = findDistro(releases, repositories);
  yield;
  const kept = dropRepeated(packages);
  yield;
  const owners = yield* findOwners(kept, ownerships, tree);
  const placed: InventoryPackage[] = [];
  for (const [round, { fact, seen }] of kept.entries()) {
    if (isPause(round)) yield;
    placed.push(place(fact.package, seen, distro, owners.get(seen.path)));
  }
  return {
    ...(distro === undefined ? {} : { distro }),
    packages: placed.sort(compareInventoryPackages),
    problems: [...problems, ...readings.flatMap((seen) => seen.reading.problems)],
  };
}

/** One entry for each package and place; what a document merely declares yields to a package database's own entry. */
function dropRepeated(packages: readonly Seen<PackageFact>[]): Seen<PackageFact>[] {
  const installed = new Set(
    packages.filter(({ fact }) => fact.declared !== true).map(({ fact }) => identity(fact.package)),
  );
  const taken = new Set<string>();
  return packages.filter(({ fact, seen }) => {
    const id = identity(fact.package);
    if (fact.declared === true && installed.has(id)) return false;
    // A declared package counts once, however many documents name it.
    const key =
      fact.declared === true ? id : `${id}\0${seen.path}\0${fact.package.innerPath ?? ''}\0${fact.package.arch ?? ''}`;
    if (taken.has(key)) return false;
    taken.add(key);
    return true;
  });
}

function identity({ type, name, version }: PackageIdentity): string {
  return `${type}\0${name}\0${version}`;
}

function* findOwners(
  packages: readonly Seen<PackageFact>[],
  facts: readonly OwnershipFact[],
  tree: FileTree,
): Steps<Map<string, PackageIdentity>> {
  if (facts.length === 0) return new Map();
  const ownable = new Set<string>();
  const versions = new Map<string, string>();
  for (const { fact, seen } of packages) {
    const { type, name, version, arch } = fact.package;
    if (osPackageTypes.has(type) || type === 'bitnami') {
      versions.set(`${type}\0${name}`, version);
      if (arch !== undefined) versions.set(`${type}\0${name}\0${arch}`, version);
    } else {
      ownable.add(seen.path);
    }
  }
  return yield* attributeOwnership(ownable, facts, tree, ({ type, name, arch }) => {
    const exact = arch === undefined ? undefined : versions.get(`${type}\0${name}\0${arch}`);
    return exact ?? versions.get(`${type}\0${name}`);
  });
}

function place(
  found: Package,
  seen: SeenReading,
  distro: Distro | undefined,
  owner: PackageIdentity | undefined,
): InventoryPackage {
  const path = found.innerPath === undefined ? seen.path : `${seen.path}!/${found.innerPath}`;
  const location: Location = seen.layer === undefined ? { path } : { path, layer: seen.layer };
  const owned = owner !== undefined && isAttributed(found, owner);
  return {
    ...found,
    purl: purlOfPackage(found, distro),
    locations: [location],
    ...(owned ? { ownedBy: owner } : {}),
  };
}

/** What a Bitnami component says covers its programs; the libraries that it bundles have advisories of their own. */
const programTypes: ReadonlySet<string> = new Set(['cargo', 'generic', 'golang']);

function isAttributed(found: Package, owner: PackageIdentity): boolean {
  if (osPackageTypes.has(found.type) || found.type === 'bitnami') return false;
  return owner.type !== 'bitnami' || programTypes.has(found.type);
}
