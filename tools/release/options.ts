import type { Target } from '../executable/nodes.ts';

/** Who signs what is released, and how that is verified at once. */
export type Signing =
  | { readonly kind: 'key'; readonly key: string; readonly publicKey: string; readonly isLogged: boolean }
  | { readonly kind: 'identity'; readonly identity: string; readonly issuer: string };

/** A release. */
export interface ReleaseOptions {
  /** The checkout. */
  readonly root: string;
  /** Where what is released goes. */
  readonly out: string;
  /** The tag that it is released as; undefined for a try. */
  readonly tag: string | undefined;
  /** Whether `dist/` is taken as it is, which is for a try alone; else the package is built anew. */
  readonly keepsDist: boolean;
  readonly signing: Signing;
  readonly policy: string;
  /** Where the vulnerability database is built from; undefined for where it always is. */
  readonly databaseSource: string | undefined;
  /** Single files to build. */
  readonly targets: readonly Target[];
  /** A folder with single files that were built before, such as on a Mac. */
  readonly prebuilt: string | undefined;
  /** The address of the sources, which npm compares with the workflow that publishes. */
  readonly repository: string | undefined;
  readonly tell: (line: string) => void;
}
