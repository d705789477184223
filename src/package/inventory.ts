import type { Problem } from '../base/problem.ts';
import type { Distro } from './distro.ts';
import type { InventoryPackage } from './package.ts';

/** Everything found in one image or directory: pure data, in a stable order. */
export interface Inventory {
  readonly distro?: Distro;
  /** Sorted by type, name, version, then path. */
  readonly packages: readonly InventoryPackage[];
  /** What could not be looked at. */
  readonly problems: readonly Problem[];
}
