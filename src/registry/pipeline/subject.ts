import type { Digest } from '../../oci/digest.ts';
import type { ManifestRecord } from '../../store/metadata/manifests.ts';
import type { PreparedPush } from '../content/push-manifest.ts';
import type { Answer } from '../http/answer.ts';

/**
 * What a call is about to let in or out. The gate judges exactly this, and the handler lets exactly this pass, whatever a tag names by
 * then.
 */
export type Subject =
  | {
      readonly kind: 'manifest-out';
      readonly repository: string;
      readonly tag?: string;
      readonly record: ManifestRecord;
    }
  | { readonly kind: 'blob-out'; readonly repository: string; readonly digest: Digest }
  /** A blob that leaves its repository for another one of this registry. */
  | { readonly kind: 'mount'; readonly repository: string; readonly digest: Digest }
  | { readonly kind: 'manifest-in'; readonly push: PreparedPush };

/** Content that was found, and what is done once the gate let it pass. */
export interface Passage {
  readonly subject: Subject;
  pass(): Promise<Answer>;
}
