import type { Access } from './access.ts';
import type { RepositoryGrant } from './grant.ts';

/** How somebody was told apart. Names of different kinds have nothing to do with each other. */
export type IdentityKind = 'anonymous' | 'user' | 'robot' | 'workload' | 'certificate';

/** Who a request comes from. Plain data, made by an authenticator and never changed. */
export interface Identity {
  readonly kind: IdentityKind;
  /** Within its kind: `alice`, `ci`, a workload's name by its rule. Empty for `anonymous`. */
  readonly name: string;
  /** Groups as they are now; those of a token are looked up again at each request. */
  readonly groups: readonly string[];
  /** The `name` of the authenticator that vouches for it; absent for `anonymous`. */
  readonly source?: string;
  /** Changes with the password or secret that was shown, so that tokens issued for an older one end with it. */
  readonly credential?: string;
  /** Milliseconds since 1970 after which this must be proven anew. */
  readonly expires?: number;
  /** What a token is restricted to: of all that is granted, only this is left. Absent means no restriction. */
  readonly limitedTo?: readonly Access[];
  /** What is granted to it by itself: a robot account's own rights, or what an external token service decided. */
  readonly grants?: readonly RepositoryGrant[];
}

/** Whoever shows nothing. */
export const anonymous: Identity = { kind: 'anonymous', name: '', groups: [] };

/** An identity as one word for logs and audit entries: `user:alice`, `anonymous`. */
export function formatIdentity(identity: Pick<Identity, 'kind' | 'name'>): string {
  return identity.kind === 'anonymous' ? 'anonymous' : `${identity.kind}:${identity.name}`;
}
