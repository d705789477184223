import type { Credentials } from './credentials.ts';
import { isRegistryAuthError } from './error.ts';
import type { Identity } from './identity.ts';
import { robotNameOf } from './robot/name.ts';

/**
 * Why nobody was let in: `unavailable` says that nobody could look, and not that what was shown is wrong; `token` that it was a bearer token,
 * which clients show until they are told that it ended.
 */
export type LoginRefusal = 'wrong' | 'throttled' | 'unavailable' | 'token';

/** What somebody shows to log in; a refresh token is taken by the token service alone. */
export type ShownLogin = Credentials | { readonly kind: 'refresh'; readonly token: string };

/** A login that was not taken. It holds neither password nor token. */
export interface RefusedLogin {
  readonly why: LoginRefusal;
  /** Who it was to be, as it was typed: nobody has proven that. Undefined where what was shown names nobody. */
  readonly claimed: Pick<Identity, 'kind' | 'name'> | undefined;
  /** What could not be looked at, for `unavailable`. */
  readonly detail?: string;
}

/**
 * What is remembered of credentials that were not taken.
 *
 * @param error undefined where they were judged, and are wrong
 * @returns undefined for an error that says nothing about a login
 */
export function refusedLogin(shown: ShownLogin, error?: unknown): RefusedLogin | undefined {
  const claimed = claimOf(shown);
  if (error === undefined) return { why: shown.kind === 'bearer' ? 'token' : 'wrong', claimed };
  if (isRegistryAuthError(error, 'TOO_MANY_ATTEMPTS')) return { why: 'throttled', claimed };
  if (isRegistryAuthError(error, 'AUTH_UNAVAILABLE')) return { why: 'unavailable', claimed, detail: error.message };
  return undefined;
}

/** A token or certificate that was not verified names nobody: whoever made it could have written any name. */
function claimOf(shown: ShownLogin): RefusedLogin['claimed'] {
  if (shown.kind !== 'basic') return undefined;
  const robot = robotNameOf(shown.user);
  return robot === undefined ? { kind: 'user', name: shown.user } : { kind: 'robot', name: robot };
}
