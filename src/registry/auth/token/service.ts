import { randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import { type Authenticator, canRenew, type RequestContext } from '../authenticator.ts';
import { RegistryAuthError } from '../error.ts';
import { formatIdentity, type Identity } from '../identity.ts';
import type { JsonObject } from '../jwt/read-unverified.ts';
import { verifyJwt } from '../jwt/verify-jwt.ts';
import { type CompiledGrants, grantAccess } from '../permission.ts';
import { accessClaim, identityClaim, readIdentityClaim, refreshAudience, tokenType } from './claims.ts';
import type { TokenKeys } from './keys.ts';
import { tokenLimits } from './limits.ts';
import type { TokenRequest } from './request.ts';

/** How tokens are made. */
export interface TokenSettings {
  /** The name of the token service, in `iss`. */
  readonly issuer: string;
  /** The name of the registry, in `aud`; clients are told it in challenges and repeat it. */
  readonly service: string;
  readonly keys: TokenKeys;
  readonly accessSeconds?: number;
  /** 0 for no refresh tokens at all. */
  readonly refreshSeconds?: number;
}

/** What the token service works with. */
export interface TokenServiceOptions extends TokenSettings {
  /** The grants as they are now. */
  readonly grants: () => CompiledGrants;
  /** Whoever vouched for those who ask, so that they are looked up again. */
  readonly authenticator: Authenticator;
  readonly clock: { now(): number };
}

/** A token and what a client is told of it (distribution, spec/auth/token.md). */
export interface IssuedToken {
  readonly token: string;
  readonly expiresIn: number;
  /** Milliseconds since 1970. */
  readonly issuedAt: number;
  readonly refreshToken?: string;
}

/** Issues tokens for this registry. */
export class TokenService {
  readonly #options: TokenServiceOptions;
  readonly #accessSeconds: number;
  readonly #refreshSeconds: number;

  /** @throws RegistryAuthError AUTH_SETTING_INVALID for lifetimes out of bounds */
  constructor(options: TokenServiceOptions) {
    this.#options = options;
    const { accessSeconds, maxAccessSeconds, refreshSeconds, maxRefreshSeconds } = tokenLimits;
    this.#accessSeconds = checkLifetime(options.accessSeconds ?? accessSeconds, 1, maxAccessSeconds);
    this.#refreshSeconds = checkLifetime(options.refreshSeconds ?? refreshSeconds, 0, maxRefreshSeconds);
  }

  /**
   * A token for an identity: it names of what was asked only what is granted, which may be nothing. It ends with the identity.
   * A refresh token comes with it where one is wanted, for users who can be looked up again later: robots have secrets that
   * are made to be kept.
   *
   * @throws RegistryAuthError TOKEN_REQUEST_INVALID for another service, SCOPE_INVALID when the token would be too long
   */
  async issue(identity: Identity, request: TokenRequest): Promise<IssuedToken> {
    const { service, grants, authenticator, clock } = this.#options;
    if (request.service !== undefined && request.service !== service) {
      throw new RegistryAuthError(
        'TOKEN_REQUEST_INVALID',
        `This token service gives tokens for ${service} alone; ask the service that the registry's challenge names`,
      );
    }
    const issuedAt = clock.now();
    const renewable = identity.source !== undefined && canRenew(authenticator, identity.source);
    const who = { who: identityClaim(identity, !renewable) };
    const granted = grantAccess(grants(), identity, request.access);
    const expiresIn = this.#secondsLeft(identity, issuedAt, this.#accessSeconds);
    const access = { ...who, access: accessClaim(granted) };
    const token = await this.#sign(tokenType.access, service, identity, issuedAt, expiresIn, access);
    const answer: IssuedToken = { token, expiresIn, issuedAt };
    if (!request.offline || !renewable || identity.kind !== 'user' || this.#refreshSeconds === 0) return answer;
    const seconds = this.#secondsLeft(identity, issuedAt, this.#refreshSeconds);
    const audience = refreshAudience(service);
    return { ...answer, refreshToken: await this.#sign(tokenType.refresh, audience, identity, issuedAt, seconds, who) };
  }

  /**
   * Whom a refresh token stands for, as that identity is now; undefined when the token is not good, or the identity is gone or
   * has another password than when the token was made.
   *
   * @throws RegistryAuthError AUTH_UNAVAILABLE, or the signal's reason
   */
  async redeem(refreshToken: string, context: RequestContext): Promise<Identity | undefined> {
    const { issuer, service, keys, authenticator, clock } = this.#options;
    const rules = {
      issuer,
      audiences: [refreshAudience(service)],
      algorithms: ['ES256', 'EdDSA'],
      type: tokenType.refresh,
      keys: keys.verifying,
    } as const;
    const verdict = await verifyJwt(refreshToken, rules, clock.now(), context.signal);
    if ('refused' in verdict) return undefined;
    const identity = readIdentityClaim(verdict.claims['who']);
    if (identity?.source === undefined || !canRenew(authenticator, identity.source)) return undefined;
    return await authenticator.renew?.(identity, context);
  }

  #secondsLeft(identity: Identity, now: number, most: number): number {
    const left = identity.expires === undefined ? most : Math.floor((identity.expires - now) / 1000);
    return Math.max(1, Math.min(most, left));
  }

  async #sign(
    typ: string,
    audience: string,
    identity: Identity,
    now: number,
    seconds: number,
    claims: JsonObject,
  ): Promise<string> {
    const { issuer, keys } = this.#options;
    const issued = Math.floor(now / 1000);
    const token = await new SignJWT({ ...claims })
      .setProtectedHeader({ alg: keys.algorithm, kid: keys.id, typ })
      .setIssuer(issuer)
      .setSubject(formatIdentity(identity))
      .setAudience(audience)
      .setIssuedAt(issued)
      .setNotBefore(issued)
      .setExpirationTime(issued + seconds)
      .setJti(randomUUID())
      .sign(keys.signing);
    if (token.length > tokenLimits.tokenLength) {
      throw new RegistryAuthError('SCOPE_INVALID', 'The token would be too long for a header; ask for less at once');
    }
    return token;
  }
}

function checkLifetime(seconds: number, least: number, most: number): number {
  if (Number.isInteger(seconds) && seconds >= least && seconds <= most) return seconds;
  throw new RegistryAuthError(
    'AUTH_SETTING_INVALID',
    `A token cannot be good for ${seconds} seconds; choose between ${least} and ${most}`,
  );
}
