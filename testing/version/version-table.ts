/** Versions of one scheme in their order. */
export interface VersionTable {
  /** Lowest first; those of one row, with spaces between, are the same version. */
  readonly ascending: readonly string[];
  /** Texts that are no versions. */
  readonly invalid: readonly string[];
  /** Texts outside the grammar that the ecosystem's tool orders, as pairs, the lower one first. */
  readonly beyond?: readonly (readonly [string, string])[];
}
