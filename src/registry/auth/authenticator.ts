import type { Credentials } from './credentials.ts';
import type { Identity } from './identity.ts';

/**
 * Whether an authenticator can judge credentials: `no`; `perhaps`, so that others are asked after it; `alone`, where they
 * can be meant for nobody else and must be shown to nobody else.
 */
export type Fit = 'no' | 'perhaps' | 'alone';

/** What is known of a request besides its credentials. */
export interface RequestContext {
  /** Where it comes from, an IP address; absent where that says nothing, as on a local socket. */
  readonly address?: string;
  readonly signal?: AbortSignal;
}

/** One way to tell who a request comes from. */
export interface Authenticator {
  /** Unique among those of one registry; stands in logs and in the tokens issued for whom it vouched. */
  readonly name: string;
  /** Where it stands for several others: the `source` of the identities that they vouch for. By default its name. */
  readonly sources?: readonly string[];
  /** Looks at the form of credentials only; never waits. */
  fits(credentials: Credentials): Fit;
  /**
   * Who shows these credentials; undefined when they are wrong or not for this authenticator. Unknown names take as long
   * as wrong passwords.
   *
   * @throws RegistryAuthError AUTH_UNAVAILABLE when it could not look, TOO_MANY_ATTEMPTS, or the signal's reason when it
   *   was aborted
   */
  authenticate(credentials: Credentials, context: RequestContext): Promise<Identity | undefined>;
  /**
   * An identity that this authenticator vouched for, as it is now: present groups and grants; undefined when it is gone,
   * disabled, or its credential was changed. Absent where nobody can be asked without the proof itself: then what was said
   * once holds until it expires.
   *
   * @throws RegistryAuthError AUTH_UNAVAILABLE when it could not look, or the signal's reason when it was aborted
   */
  renew?(identity: Identity, context: RequestContext): Promise<Identity | undefined>;
  /** For one that stands for several: whether the identities of a source can be renewed. */
  renews?(source: string): boolean;
}

/** The sources of the identities that an authenticator vouches for. */
export function sourcesOf(authenticator: Authenticator): readonly string[] {
  return authenticator.sources ?? [authenticator.name];
}

/** Whether an authenticator can say later how an identity is then, without the proof that it was once shown. */
export function canRenew(authenticator: Authenticator, source: string): boolean {
  if (!sourcesOf(authenticator).includes(source)) return false;
  return authenticator.renews?.(source) ?? authenticator.renew !== undefined;
}
