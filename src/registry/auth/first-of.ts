import { type Authenticator, canRenew, type Fit, type RequestContext, sourcesOf } from './authenticator.ts';
import type { Credentials } from './credentials.ts';
import { isRegistryAuthError, RegistryAuthError } from './error.ts';
import type { Identity } from './identity.ts';

/**
 * Several ways to tell who a request comes from, as one: those that fit the credentials are asked in order until one
 * knows them. One that claims them alone is asked alone, so that a robot's secret is never shown to a directory.
 *
 * Where nobody knows the credentials and one of those asked could not look, the answer is AUTH_UNAVAILABLE and not "wrong".
 *
 * @throws RegistryAuthError AUTH_SETTING_INVALID when two have the same name
 */
export function firstOf(authenticators: readonly Authenticator[], name = 'first-of'): Authenticator {
  const byName = new Map<string, Authenticator>();
  for (const authenticator of authenticators) {
    if (byName.has(authenticator.name)) {
      throw new RegistryAuthError(
        'AUTH_SETTING_INVALID',
        `Two authenticators are named "${authenticator.name}"; give each another name`,
      );
    }
    byName.set(authenticator.name, authenticator);
  }
  return {
    name,
    fits: (credentials) => chooseFor(authenticators, credentials).fit,
    authenticate: (credentials, context) =>
      ask(chooseFor(authenticators, credentials).authenticators, credentials, context),
    async renew(identity, context) {
      for (const authenticator of authenticators) {
        if (!sourcesOf(authenticator).includes(identity.source ?? '')) continue;
        return authenticator.renew === undefined ? identity : await authenticator.renew(identity, context);
      }
      // It was vouched for by an authenticator that is no longer configured.
      return undefined;
    },
    sources: authenticators.flatMap(sourcesOf),
    renews: (source) => authenticators.some((authenticator) => canRenew(authenticator, source)),
  };
}

interface Choice {
  readonly fit: Fit;
  readonly authenticators: readonly Authenticator[];
}

function chooseFor(authenticators: readonly Authenticator[], credentials: Credentials): Choice {
  const perhaps: Authenticator[] = [];
  for (const authenticator of authenticators) {
    const fit = authenticator.fits(credentials);
    if (fit === 'alone') return { fit, authenticators: [authenticator] };
    if (fit === 'perhaps') perhaps.push(authenticator);
  }
  return { fit: perhaps.length === 0 ? 'no' : 'perhaps', authenticators: perhaps };
}

async function ask(
  authenticators: readonly Authenticator[],
  credentials: Credentials,
  context: RequestContext,
): Promise<Identity | undefined> {
  let unavailable: RegistryAuthError | undefined;
  for (const authenticator of authenticators) {
    context.signal?.throwIfAborted();
    try {
      const identity = await authenticator.authenticate(credentials, context);
      if (identity !== undefined) return identity;
    } catch (error) {
      if (!isRegistryAuthError(error, 'AUTH_UNAVAILABLE')) throw error;
      unavailable ??= error;
    }
  }
  if (unavailable !== undefined) throw unavailable;
  return undefined;
}
