import type { Digest } from '../oci/digest.ts';

/** What was looked at for one signer: a place, or something that was found there. */
export type Looked = {
  readonly signer: string;
  /** Of the statements that were looked for; absent for signatures. */
  readonly predicateType?: string;
  /** What it must be about: the image, an index that names it, or a bill of materials. */
  readonly digest: Digest;
  /** With the host: `ghcr.io/org/app`. */
  readonly repository: string;
} & (
  | {
      readonly kind: 'place';
      /** How many things were found that may count. */
      readonly found: number;
      /** What was listed but could not be read, for people. */
      readonly unreadable: readonly string[];
    }
  | {
      readonly kind: 'judged';
      /** Of what was found. */
      readonly manifest: Digest;
      readonly layout: 'bundle' | 'legacy' | 'notation';
      /** The key or identity by which it counts. */
      readonly by?: string;
      /** Why it does not, for people, without a full stop. */
      readonly why?: string;
    }
);
