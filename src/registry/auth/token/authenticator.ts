import type { Access } from '../access.ts';
import type { Authenticator, Fit, RequestContext } from '../authenticator.ts';
import type { Credentials } from '../credentials.ts';
import { anonymous, type Identity } from '../identity.ts';
import { readUnverified } from '../jwt/read-unverified.ts';
import { VerifiedTokens } from '../jwt/verified-tokens.ts';
import { verifyJwt } from '../jwt/verify-jwt.ts';
import { readAccessClaim, readIdentityClaim, tokenType } from './claims.ts';
import { tokenLimits } from './limits.ts';
import type { TokenSettings } from './service.ts';

/** What a token says, once its signature was verified. */
interface VerifiedToken {
  readonly identity: Identity;
  readonly access: readonly Access[];
  /** Milliseconds since 1970. */
  readonly expires: number;
}

/**
 * Takes the tokens that this registry's own token service issued. A token says who somebody was and what is left of that
 * one's rights; who that is now, with which groups, is asked anew at every request (CVE-2025-23208). Only what the
 * signature says is remembered.
 */
export class TokenAuthenticator implements Authenticator {
  readonly name: string;
  /** None: a token speaks for identities that others vouched for. */
  readonly sources: readonly string[] = [];
  readonly #settings: TokenSettings;
  readonly #renewer: Authenticator;
  readonly #clock: { now(): number };
  readonly #verified = new VerifiedTokens<VerifiedToken>(tokenLimits.remembered);

  /** @param renewer all who vouched for those that tokens were issued to */
  constructor(settings: TokenSettings, renewer: Authenticator, clock: { now(): number }, name = 'token') {
    this.name = name;
    this.#settings = settings;
    this.#renewer = renewer;
    this.#clock = clock;
  }

  fits(credentials: Credentials): Fit {
    if (credentials.kind !== 'bearer') return 'no';
    // One that was verified is known by its text.
    if (this.#verified.find(credentials.token, this.#clock.now()) !== undefined) return 'alone';
    return readUnverified(credentials.token)?.claims['iss'] === this.#settings.issuer ? 'alone' : 'no';
  }

  async authenticate(credentials: Credentials, context: RequestContext): Promise<Identity | undefined> {
    if (credentials.kind !== 'bearer') return undefined;
    const verified = await this.#verify(credentials.token, context.signal);
    if (verified === undefined) return undefined;
    const { access: limitedTo, expires } = verified;
    if (verified.identity.kind === 'anonymous') return { ...anonymous, limitedTo, expires };
    const identity = await this.#renewer.renew?.(verified.identity, context);
    if (identity === undefined) return undefined;
    return { ...identity, limitedTo, expires: Math.min(expires, identity.expires ?? expires) };
  }

  async #verify(token: string, signal: AbortSignal | undefined): Promise<VerifiedToken | undefined> {
    const now = this.#clock.now();
    const known = this.#verified.find(token, now);
    if (known !== undefined) return known;
    const { issuer, service, keys } = this.#settings;
    const rules = {
      issuer,
      audiences: [service],
      algorithms: ['ES256', 'EdDSA'],
      type: tokenType.access,
      keys: keys.verifying,
    } as const;
    const verdict = await verifyJwt(token, rules, now, signal);
    if ('refused' in verdict) return undefined;
    const identity = readIdentityClaim(verdict.claims['who']);
    const access = readAccessClaim(verdict.claims['access']);
    if (identity === undefined || access === undefined) return undefined;
    const verified: VerifiedToken = { identity, access, expires: verdict.expires };
    this.#verified.keep(token, verified, now);
    return verified;
  }
}
