import { compareText } from '../base/compare-text.ts';
import type { InventoryPackage } from './package.ts';

/**
 * The order of an inventory's packages: type, name, version, path, then what tells apart those that share all of these
 * (several architectures, copies in one archive). By UTF-16 code units, so that no locale matters.
 */
export function compareInventoryPackages(a: InventoryPackage, b: InventoryPackage): number {
  return (
    compareText(a.type, b.type) ||
    compareText(a.name, b.name) ||
    compareText(a.version, b.version) ||
    compareText(a.locations[0]?.path ?? '', b.locations[0]?.path ?? '') ||
    compareText(a.arch ?? '', b.arch ?? '') ||
    compareText(a.purl, b.purl) ||
    compareText(a.innerPath ?? '', b.innerPath ?? '')
  );
}
