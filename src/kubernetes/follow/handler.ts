import type { KubernetesError } from '../error.ts';
import type { KubernetesObject } from '../model.ts';

/** What happened to the objects that are followed. */
export type Change =
  /** This is all there is; what was known before and is not here is gone. */
  | { readonly kind: 'replaced'; readonly objects: readonly KubernetesObject[] }
  /** New, or other than before. */
  | { readonly kind: 'changed'; readonly object: KubernetesObject }
  /** As it was at last. */
  | { readonly kind: 'removed'; readonly object: KubernetesObject };

/** Whether what was told is what the cluster has. */
export type FollowState =
  | { readonly kind: 'synced' }
  /** Something may have happened that was not told. The same reason is told once more where it is still so after the next try. */
  | { readonly kind: 'behind'; readonly reason: KubernetesError };

/** Is told of changes, one after the other; the next one waits until it is done. */
export interface FollowHandler {
  /** What it throws ends the following, and is thrown there: a change that was not taken in would be missing for ever. */
  change(change: Change): void | Promise<void>;
  state?(state: FollowState): void;
}
