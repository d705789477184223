import type { HashAlgorithm } from '../../key/key-type.ts';

/** What a log's canonical entry says, whichever kind and version it is of. */
export interface LogEntryBody {
  readonly kind: string;
  readonly version: string;
  readonly subject: LogSubject;
  /** At least one. */
  readonly signatures: readonly LoggedSignature[];
}

/** What was signed. */
export type LogSubject =
  /** The bytes that the signature is over: an artifact, or the pre-authentication encoding of an envelope. */
  | { readonly kind: 'message'; readonly digest: Digest }
  /** The payload of an envelope, and the envelope's JSON as it was sent to the log. */
  | { readonly kind: 'envelope'; readonly payload: Digest; readonly envelope?: Digest };

/** A signature as a log keeps it. `intoto` 0.0.1 keeps none: its envelope's digest stands for it. */
export interface LoggedSignature {
  readonly signature?: Buffer;
  readonly verifier: LoggedVerifier;
}

/** Whose signature it is. */
export type LoggedVerifier =
  | { readonly kind: 'certificate'; readonly der: Buffer }
  /** SubjectPublicKeyInfo in DER. */
  | { readonly kind: 'public-key'; readonly spki: Buffer };

/** A digest and how it was made. */
export interface Digest {
  readonly algorithm: HashAlgorithm;
  readonly value: Buffer;
}
