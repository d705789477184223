import type { ConditionStyle } from './condition/model.ts';

/**
 * In what Seaworthy reads policies of Kyverno otherwise than Kyverno does. Each is stricter, or finds what Kyverno does not, and none
 * lets pass what Kyverno refuses for a reason.
 */
export interface KyvernoStyle extends ConditionStyle {
  /** Whether `keyless` without issuer and subject, and statements without attestors, accept whoever has any certificate. */
  readonly anyIdentity: boolean;
  /** Whether `docker.io/library/nginx`, `index.docker.io/nginx` and the like are `docker.io/nginx` for patterns too. */
  readonly aliases: boolean;
  /** Whether an identity and annotations may be found in different signatures. */
  readonly annotationsApart: boolean;
  /** Whether `type: Cosign` looks for the older layout alone, and `SigstoreBundle` for bundles alone. */
  readonly oneLayout: boolean;
  /** Whether one key or identity counts for several entries. */
  readonly sameSignerTwice: boolean;
  /** Whether images of volumes are passed over. */
  readonly skipVolumes: boolean;
  /**
   * Whether an object that broke a rule before may be changed in any way while it still breaks it, rather than only in what its pods are
   * not made of.
   */
  readonly changesViolations: boolean;
}

/** As Seaworthy reads policies unless it is told otherwise. */
export const strictStyle: KyvernoStyle = {
  keysArePatterns: false,
  anyIdentity: false,
  aliases: true,
  annotationsApart: false,
  oneLayout: false,
  sameSignerTwice: false,
  skipVolumes: false,
  changesViolations: false,
};

/** As Kyverno does (`--kyverno-exact`). */
export const exactStyle: KyvernoStyle = {
  keysArePatterns: true,
  anyIdentity: true,
  aliases: false,
  annotationsApart: true,
  oneLayout: true,
  sameSignerTwice: true,
  skipVolumes: true,
  changesViolations: true,
};
