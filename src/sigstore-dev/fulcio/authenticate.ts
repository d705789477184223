import { RefusedError } from '../error.ts';
import type { Issuer } from '../oidc/issuer.ts';
import { isSignedBy, readClaims } from '../oidc/jwt.ts';
import { type Principal, principalOf } from './principal.ts';

/** Whom a token speaks of, when one of the issuers gave it out, for Fulcio, and its time is now. @throws RefusedError */
export function authenticate(token: string, issuers: Iterable<Issuer>, now: Date): Principal {
  const claims = readClaims(token);
  const issuer = [...issuers].find(({ name }) => name === claims?.['iss']);
  if (claims === undefined || issuer === undefined || !isSignedBy(token, issuer.key)) throw denied();
  const { aud, exp, nbf } = claims;
  const audiences: readonly unknown[] = Array.isArray(aud) ? aud : [aud];
  const seconds = now.getTime() / 1000;
  if (!audiences.includes('sigstore') || typeof exp !== 'number' || exp <= seconds) throw denied();
  if (typeof nbf === 'number' && nbf > seconds + 300) throw denied();
  return principalOf(issuer.kind, claims);
}

/** The real Fulcio says no more either: what is wrong with a token is for its owner alone. */
function denied(): RefusedError {
  return new RefusedError('UNAUTHENTICATED', 'There was an error processing the identity token');
}
