import { isPause, type Steps } from '../base/steps.ts';
import type { FileTree } from '../rootfs/file-tree.ts';
import type { PackageIdentity } from '../package/package.ts';
import type { OwnershipFact } from './cataloger.ts';

/** An owner and the place of its fact among all: the first one that names a file has it. */
interface Claim {
  readonly order: number;
  readonly owner: PackageIdentity;
}

/**
 * Finds which OS package owns each of some files. Where several say so, the first does.
 *
 * Package databases write paths as the package has them; the image may have made a folder on the way a link (`lib` to
 * `usr/lib`, `usr/sbin` to `bin`), so folders are looked up in the tree.
 *
 * @param paths real paths in the image
 * @param versionOf gives the installed version of a package that a fact names
 */
export function* attributeOwnership(
  paths: Iterable<string>,
  facts: readonly OwnershipFact[],
  tree: FileTree,
  versionOf: (fact: OwnershipFact) => string | undefined,
): Steps<Map<string, PackageIdentity>> {
  const sought = new Set(paths);
  const real = realFolders(tree);
  const files = new Map<string, Claim>();
  const folders = new Map<string, Claim>();
  let round = 0;
  for (const [order, fact] of facts.entries()) {
    const version = versionOf(fact);
    if (version === undefined) continue;
    const claim = { order, owner: { type: fact.type, name: fact.name, version } };
    for (const path of fact.paths) {
      if (isPause((round += 1))) yield;
      const seen = realPath(path, real);
      if (sought.has(seen) && !files.has(seen)) files.set(seen, claim);
    }
    for (const folder of fact.directories ?? []) {
      if (isPause((round += 1))) yield;
      const seen = real(folder);
      if (!folders.has(seen)) folders.set(seen, claim);
    }
  }
  const owners = new Map<string, PackageIdentity>();
  for (const path of sought) {
    if (isPause((round += 1))) yield;
    const claim = firstClaim(path, files.get(path), folders);
    if (claim !== undefined) owners.set(path, claim.owner);
  }
  return owners;
}

/** The earliest among a file's own claim and those on the folders that it lies in. */
function firstClaim(path: string, own: Claim | undefined, folders: ReadonlyMap<string, Claim>): Claim | undefined {
  let first = own;
  if (folders.size === 0) return first;
  for (let slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/', slash - 1)) {
    const claim = folders.get(path.slice(0, slash));
    if (claim !== undefined && (first === undefined || claim.order < first.order)) first = claim;
  }
  return first;
}

function realPath(path: string, real: (folder: string) => string): string {
  const slash = path.lastIndexOf('/');
  if (slash < 0) return path;
  const folder = path.slice(0, slash);
  const seen = real(folder);
  return seen === folder ? path : `${seen}${path.slice(slash)}`;
}

/** Where folders really are; one that is not there stays as it is written. Each is looked up once. */
function realFolders(tree: FileTree): (folder: string) => string {
  const known = new Map<string, string>();
  return (folder) => {
    let seen = known.get(folder);
    if (seen === undefined) {
      seen = tree.lookup(folder)?.path ?? folder;
      known.set(folder, seen);
    }
    return seen;
  };
}
