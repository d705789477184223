import type { NetworkRange } from '../../net/network-range.ts';
import type { HostPattern } from './host-pattern.ts';

/** Which registries are asked about images of objects, whose names whoever makes an object chooses. */
export interface ReachSettings {
  /**
   * Registries that are asked wherever they are. How often they are asked is not bounded, and what is wrong with them is
   * told.
   */
  readonly allow: readonly HostPattern[];
  /** Registries that are not asked about images of objects; those that are allowed are. */
  readonly deny: readonly HostPattern[];
  /** Networks that are not asked, besides those that never are. */
  readonly refuse: readonly NetworkRange[];
}

/** Who names a registry: an object, which anybody may make, or a policy. */
export type NamedBy = 'object' | 'policy';
