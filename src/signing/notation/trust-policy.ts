import type { SubjectName } from './subject-name.ts';
import type { Enforcement } from './verification-level.ts';

/** Kinds of named trust stores. */
export type StoreType = 'ca' | 'signingAuthority' | 'tsa';

/** A trust store by its kind and name: `ca:acme-rockets`. */
export interface StoreName {
  readonly type: StoreType;
  readonly name: string;
}

/** One statement of a trust policy: what images of some repositories must have. */
export interface TrustStatement {
  readonly name: string;
  /** `REGISTRY/REPOSITORY`, or `*` alone. */
  readonly scopes: readonly string[];
  /** Absent where signatures are not looked at. */
  readonly verification?: StatementVerification;
}

/** How the signatures of those images are verified. */
export interface StatementVerification {
  /** As the policy calls it. */
  readonly level: string;
  readonly enforcement: Enforcement;
  /** When a timestamp is wanted, where the policy names authorities for it. */
  readonly timestamps: 'always' | 'afterCertExpiry';
  readonly stores: readonly StoreName[];
  /** Anybody whom a store vouches for, or only these. */
  readonly identities: '*' | readonly TrustedIdentity[];
}

/** A name that a signer's subject must have. */
export interface TrustedIdentity {
  /** As the policy has it. */
  readonly text: string;
  readonly name: SubjectName;
}

/**
 * The statement that is about a repository: the one that names it, else the one for all ("Selecting a trust policy based on
 * artifact URI"). Reading the policy has seen to it that there is no second.
 */
export function chooseStatement(statements: readonly TrustStatement[], repository: string): TrustStatement | undefined {
  return (
    statements.find(({ scopes }) => scopes.includes(repository)) ??
    statements.find(({ scopes }) => scopes.includes('*'))
  );
}
