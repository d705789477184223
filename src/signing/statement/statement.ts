import type { HashAlgorithm } from '../key/key-type.ts';

/** The payload type of an in-toto statement in an envelope (in-toto attestation spec v1, "Envelope"). */
export const statementPayloadType = 'application/vnd.in-toto+json';

/** An in-toto statement (in-toto attestation spec v1, "Statement"; v0.1 has the same form). */
export interface Statement {
  readonly type: StatementType;
  readonly subjects: readonly Subject[];
  readonly predicateType: string;
  /** Whatever the predicate type demands. */
  readonly predicate: unknown;
}

/** The versions in use: cosign's attestations are v0.1, its signatures v1. */
export type StatementType = 'https://in-toto.io/Statement/v0.1' | 'https://in-toto.io/Statement/v1';

/** What a statement is about. */
export interface Subject {
  readonly name?: string;
  /** Hex, lower case, by the algorithm's name in in-toto's list; names that are not known are kept. */
  readonly digests: ReadonlyMap<string, string>;
  readonly annotations: ReadonlyMap<string, string>;
}

/** A digest of what is verified. */
export interface ArtifactDigest {
  readonly algorithm: HashAlgorithm;
  /** Hex, lower case. */
  readonly hex: string;
}
