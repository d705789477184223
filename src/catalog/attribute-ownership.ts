import type { FileTree } from '../rootfs/file-tree.ts';
import type { PackageIdentity } from '../package/package.ts';
import type { OwnershipFact } from './cataloger.ts';

/** Names at the root that many distributions made links into `usr`; package databases still write the short paths. */
const mergedFolders = ['bin', 'sbin', 'lib', 'lib32', 'lib64', 'libx32'];

/**
 * Finds which OS package owns each of some files.
 *
 * @param paths real paths in the image
 * @param versionOf gives the installed version of a package that a fact names
 */
export function attributeOwnership(
  paths: Iterable<string>,
  facts: readonly OwnershipFact[],
  tree: FileTree,
  versionOf: (fact: OwnershipFact) => string | undefined,
): Map<string, PackageIdentity> {
  const sought = new Map<string, string>();
  const merged = mergedFolders.filter((folder) => tree.lookup(folder)?.path === `usr/${folder}`);
  for (const path of paths) {
    sought.set(path, path);
    const short = path.startsWith('usr/') ? path.slice(4) : '';
    if (merged.some((folder) => short.startsWith(`${folder}/`))) sought.set(short, path);
  }
  const owners = new Map<string, PackageIdentity>();
  const folders: { readonly folder: string; readonly owner: PackageIdentity }[] = [];
  for (const fact of facts) {
    const version = versionOf(fact);
    if (version === undefined) continue;
    const owner = { type: fact.type, name: fact.name, version };
    for (const path of fact.paths) {
      const real = sought.get(path);
      if (real !== undefined && !owners.has(real)) owners.set(real, owner);
    }
    for (const folder of fact.directories ?? []) {
      for (const [path, real] of sought)
        if (path.startsWith(`${folder}/`) && !owners.has(real)) owners.set(real, owner);
    }
  }
  return owners;
}
