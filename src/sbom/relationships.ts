import { osPackageTypes } from '../package/package.ts';
import type { SbomPackage, SbomRelationship } from './model.ts';

/**
 * The edges that the packages themselves tell: what they need by name, and what an OS package owns.
 *
 * A name that several packages have is resolved by the same file, then by the same architecture; where that leaves more
 * than one, no edge is claimed.
 */
export function relationshipsOf(packages: readonly SbomPackage[]): SbomRelationship[] {
  const byName = new Map<string, SbomPackage[]>();
  const owners = new Map<string, SbomPackage>();
  for (const pkg of packages) {
    for (const name of [pkg.name, `${pkg.name}@${pkg.version}`]) {
      const key = nameKey(pkg.cataloger, name);
      const same = byName.get(key);
      if (same === undefined) byName.set(key, [pkg]);
      else same.push(pkg);
    }
    if (osPackageTypes.has(pkg.type)) owners.set(ownerKey(pkg), pkg);
  }

  const found: SbomRelationship[] = [];
  for (const pkg of packages) {
    const targets = new Set<string>();
    for (const name of pkg.dependsOn ?? []) {
      const target = resolve(pkg, byName.get(nameKey(pkg.cataloger, name)) ?? []);
      if (target !== undefined && target !== pkg.id) targets.add(target);
    }
    for (const to of [...targets].sort()) found.push({ from: pkg.id, kind: 'depends-on', to });
    const owner = pkg.ownedBy === undefined ? undefined : owners.get(ownerKey(pkg.ownedBy));
    if (owner !== undefined && owner.id !== pkg.id) found.push({ from: owner.id, kind: 'contains', to: pkg.id });
  }
  return found;
}

/** A name with very many bearers is ambiguous anyway; looking through all of them for each edge would be quadratic. */
const maxCandidates = 64;

function resolve(from: SbomPackage, candidates: readonly SbomPackage[]): string | undefined {
  if (candidates.length === 1) return candidates[0]?.id;
  if (candidates.length > maxCandidates) return undefined;
  const path = from.locations[0]?.path;
  const near = candidates.filter((candidate) => candidate.locations[0]?.path === path);
  if (near.length === 1) return near[0]?.id;
  const alike = near.filter((candidate) => candidate.arch === from.arch);
  return alike.length === 1 ? alike[0]?.id : undefined;
}

function nameKey(cataloger: string, name: string): string {
  return `${cataloger}\0${name}`;
}

function ownerKey(identity: { readonly type: string; readonly name: string; readonly version: string }): string {
  return [identity.type, identity.name, identity.version].join('\0');
}
