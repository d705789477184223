import type { Inventory } from '../package/inventory.ts';
import type { InventoryPackage } from '../package/package.ts';
import { compareInventoryPackages } from '../package/inventory-order.ts';
import type { SbomDocument, SbomPackage } from './model.ts';

/** What a scan works on, from a document: for documents of this program, exactly what the image's scan worked on. */
export function inventoryOfDocument(document: SbomDocument): Inventory {
  const packages = document.packages.map(withoutId);
  return {
    ...(document.distro === undefined ? {} : { distro: document.distro }),
    packages: packages.sort(compareInventoryPackages),
    problems: document.problems,
  };
}

function withoutId(pkg: SbomPackage): InventoryPackage {
  const copy: { -readonly [Key in keyof SbomPackage]?: SbomPackage[Key] } = { ...pkg };
  delete copy.id;
  return copy as InventoryPackage;
}
