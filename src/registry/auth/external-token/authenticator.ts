import type { Access } from '../access.ts';
import type { Authenticator, Fit, RequestContext } from '../authenticator.ts';
import type { Credentials } from '../credentials.ts';
import { RegistryAuthError } from '../error.ts';
import type { RepositoryGrant } from '../grant.ts';
import type { Identity } from '../identity.ts';
import type { JwtAlgorithm } from '../jwt/algorithm.ts';
import type { KeySource } from '../jwt/key-source.ts';
import { readUnverified } from '../jwt/read-unverified.ts';
import { VerifiedTokens } from '../jwt/verified-tokens.ts';
import { verifyJwt } from '../jwt/verify-jwt.ts';
import { authLimits } from '../limits.ts';
import { findClaim } from '../oidc/claim.ts';
import { readAccessClaim } from '../token/claims.ts';
import { externalTokenLimits } from './limits.ts';

/** A token service that somebody else runs (distribution, spec/auth/jwt.md). */
export interface ExternalTokenSettings {
  /** Its `iss`, exactly. */
  readonly issuer: string;
  /** The name that it knows this registry by: the `service` of challenges and the `aud` of its tokens. */
  readonly service: string;
  readonly algorithms: readonly JwtAlgorithm[];
  readonly keys: KeySource;
  /**
   * `token`: what its tokens name is granted by that, as that service decided. `grants`: they only say who it is and what is
   * left of the rights that the grants of this registry give.
   */
  readonly decides: 'token' | 'grants';
  /** The claim that names who it is, `sub` where nothing is said, and the one that lists groups. Written as `findClaim` has it. */
  readonly nameClaim?: string;
  readonly groupsClaim?: string;
}

interface VerifiedToken {
  readonly name: string;
  readonly groups: readonly string[];
  readonly access: readonly Access[];
  readonly grants: readonly RepositoryGrant[] | undefined;
  readonly expires: number;
}

/**
 * Takes the tokens of another token service. They cannot be looked up again, so they hold until they end; there are no
 * refresh tokens for them here.
 */
export class ExternalTokenAuthenticator implements Authenticator {
  readonly name: string;
  readonly #settings: ExternalTokenSettings;
  readonly #clock: { now(): number };
  readonly #verified = new VerifiedTokens<VerifiedToken>(externalTokenLimits.remembered);

  /** @throws RegistryAuthError AUTH_SETTING_INVALID */
  constructor(settings: ExternalTokenSettings, clock: { now(): number }, name = 'external-token') {
    if (settings.issuer === '' || settings.service === '' || settings.algorithms.length === 0) {
      throw new RegistryAuthError(
        'AUTH_SETTING_INVALID',
        'An external token service needs its issuer, its name for this registry and the algorithms of its tokens',
      );
    }
    this.name = name;
    this.#settings = settings;
    this.#clock = clock;
  }

  fits(credentials: Credentials): Fit {
    if (credentials.kind !== 'bearer') return 'no';
    if (this.#verified.find(credentials.token, this.#clock.now()) !== undefined) return 'alone';
    return readUnverified(credentials.token)?.claims['iss'] === this.#settings.issuer ? 'alone' : 'no';
  }

  async authenticate(credentials: Credentials, { signal }: RequestContext): Promise<Identity | undefined> {
    if (credentials.kind !== 'bearer') return undefined;
    const verified = await this.#verify(credentials.token, signal);
    if (verified === undefined) return undefined;
    const { name, groups, access, grants, expires } = verified;
    const shared = {
      groups,
      source: this.name,
      limitedTo: access,
      expires,
      ...(grants === undefined ? {} : { grants }),
    };
    // Strangers get tokens too; their subject is empty (distribution, spec/auth/token.md).
    return name === '' ? { kind: 'anonymous', name, ...shared, groups: [] } : { kind: 'user', name, ...shared };
  }

  async #verify(token: string, signal: AbortSignal | undefined): Promise<VerifiedToken | undefined> {
    const now = this.#clock.now();
    const known = this.#verified.find(token, now);
    if (known !== undefined) return known;
    const { issuer, service, algorithms, keys, decides, nameClaim = 'sub', groupsClaim } = this.#settings;
    const verdict = await verifyJwt(token, { issuer, audiences: [service], algorithms, keys }, now, signal);
    if ('refused' in verdict) return undefined;
    const access = readAccessClaim(verdict.claims['access']);
    const name = findClaim(verdict.claims, nameClaim) ?? '';
    const groups = groupsClaim === undefined ? [] : groupsOf(findClaim(verdict.claims, groupsClaim));
    if (!isName(name) || access === undefined || groups === undefined) return undefined;
    const grants = decides === 'token' ? access.flatMap(grantOf) : undefined;
    const verified: VerifiedToken = { name, groups, access, grants, expires: verdict.expires };
    this.#verified.keep(token, verified, now);
    return verified;
  }
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value.length <= authLimits.nameLength && !/\p{Cc}/u.test(value);
}

/** Undefined for a list that cannot be taken as a whole: a part of the groups would be an accident. */
function groupsOf(value: unknown): readonly string[] | undefined {
  const list: readonly unknown[] = Array.isArray(value) ? value : value === undefined ? [] : [value];
  return list.length <= authLimits.groups && list.every(isName) ? list : undefined;
}

/** An access as a grant; no name of a repository means anything as a pattern. */
function grantOf(access: Access): readonly RepositoryGrant[] {
  return access.type === 'repository' ? [{ repositories: [access.name], actions: access.actions }] : [];
}
