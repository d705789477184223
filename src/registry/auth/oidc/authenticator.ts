import { type Logger, silentLogger } from '../../../base/logger.ts';
import type { Clock } from '../../../net/clock.ts';
import type { Authenticator, Fit, RequestContext } from '../authenticator.ts';
import type { Credentials } from '../credentials.ts';
import { RegistryAuthError } from '../error.ts';
import type { Identity } from '../identity.ts';
import type { JwtAlgorithm } from '../jwt/algorithm.ts';
import { discoverJwks, fetchJwks, type IssuerDoor } from '../jwt/fetch-keys.ts';
import { fileKeys } from '../jwt/file-keys.ts';
import type { KeySource } from '../jwt/key-source.ts';
import { readUnverified } from '../jwt/read-unverified.ts';
import { RemoteKeys } from '../jwt/remote-keys.ts';
import { verifyJwt } from '../jwt/verify-jwt.ts';
import { oidcLimits } from './limits.ts';
import { type CompiledOidcRule, compileOidcRule, type OidcRule } from './rule.ts';

/** An issuer of ID tokens: GitHub Actions, GitLab, a Kubernetes cluster, a company's directory. */
export interface OidcIssuer {
  /** Its `iss`, exactly as it stands in its tokens: `https://token.actions.githubusercontent.com`. */
  readonly issuer: string;
  /** What tokens for this registry must have in `aud`, one of them. */
  readonly audiences: readonly string[];
  /** RS256 and ES256 where nothing is said. */
  readonly algorithms?: readonly JwtAlgorithm[];
  /** Where its keys are: as it says itself (`discovery`, by default), at an address, or in a file. */
  readonly keys?: { readonly kind: 'discovery' } | { readonly kind: 'url' | 'file'; readonly at: string };
  readonly rules: readonly OidcRule[];
  /** How it is asked, where that differs from the others. */
  readonly door?: IssuerDoor;
}

interface CompiledIssuer {
  readonly settings: OidcIssuer;
  readonly keys: KeySource;
  readonly rules: readonly CompiledOidcRule[];
}

/** What the authenticator works with. */
export interface OidcOptions {
  readonly door: IssuerDoor;
  readonly clock: Pick<Clock, 'now' | 'monotonic'>;
  readonly logger?: Logger;
  readonly name?: string;
}

/**
 * Workloads and people who show a token of an issuer that vouches for them, as Bearer or in place of a password with any user
 * name, which is what `docker login` can send. They hold as long as their token.
 */
export class OidcAuthenticator implements Authenticator {
  readonly name: string;
  readonly #issuers: ReadonlyMap<string, CompiledIssuer>;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #logger: Logger;

  /** @throws RegistryAuthError AUTH_SETTING_INVALID that names the issuer and the rule, counted from 1 */
  constructor(issuers: readonly OidcIssuer[], options: OidcOptions) {
    this.name = options.name ?? 'oidc';
    this.#clock = options.clock;
    this.#logger = options.logger ?? silentLogger;
    if (issuers.length > oidcLimits.issuers) throw invalid('', `there are more than ${oidcLimits.issuers}`);
    const compiled = new Map<string, CompiledIssuer>();
    for (const settings of issuers) {
      if (compiled.has(settings.issuer)) throw invalid(settings.issuer, 'it is there twice');
      compiled.set(settings.issuer, compileIssuer(settings, options));
    }
    this.#issuers = compiled;
  }

  fits(credentials: Credentials): Fit {
    return this.#issuerOf(tokenOf(credentials)) === undefined ? 'no' : 'alone';
  }

  async authenticate(credentials: Credentials, { signal }: RequestContext): Promise<Identity | undefined> {
    const token = tokenOf(credentials);
    const issuer = this.#issuerOf(token);
    if (token === undefined || issuer === undefined) return undefined;
    const { settings, keys, rules } = issuer;
    const { issuer: name, audiences, algorithms = defaultAlgorithms } = settings;
    const verdict = await verifyJwt(token, { issuer: name, audiences, algorithms, keys }, this.#clock.now(), signal);
    if ('refused' in verdict) {
      this.#logger.info('an ID token was refused', { issuer: name, reason: verdict.refused });
      return undefined;
    }
    for (const rule of rules) {
      const identity = rule(verdict.claims);
      if (identity !== undefined) return { ...identity, source: this.name, expires: verdict.expires };
    }
    this.#logger.info('an ID token meets no rule', { issuer: name });
    return undefined;
  }

  #issuerOf(token: string | undefined): CompiledIssuer | undefined {
    const issuer = token === undefined ? undefined : readUnverified(token)?.claims['iss'];
    return typeof issuer === 'string' ? this.#issuers.get(issuer) : undefined;
  }
}

const defaultAlgorithms: readonly JwtAlgorithm[] = ['RS256', 'ES256'];

function tokenOf(credentials: Credentials): string | undefined {
  if (credentials.kind === 'bearer') return credentials.token;
  return credentials.kind === 'basic' ? credentials.password : undefined;
}

function compileIssuer(settings: OidcIssuer, options: OidcOptions): CompiledIssuer {
  const { issuer, audiences, algorithms = defaultAlgorithms, rules } = settings;
  if (issuer === '') throw invalid(issuer, 'it has no name');
  const isEmpty = audiences.length === 0 || audiences.includes('');
  if (isEmpty || audiences.length > oidcLimits.audiences) {
    throw invalid(issuer, 'name the audience that tokens for this registry have, such as its own address');
  }
  if (algorithms.length === 0) throw invalid(issuer, 'it has no algorithms');
  if (rules.length === 0 || rules.length > oidcLimits.rules) throw invalid(issuer, 'it has no rules, or too many');
  return {
    settings,
    keys: keysOf(settings, options),
    rules: rules.map((rule, index) => compileOidcRule(rule, `rule ${index + 1} of ${issuer}`)),
  };
}

function keysOf({ issuer, keys = { kind: 'discovery' }, ...own }: OidcIssuer, options: OidcOptions): KeySource {
  const { clock, logger } = options;
  const door = own.door ?? options.door;
  if (keys.kind === 'file') return fileKeys(keys.at, clock, logger);
  const address = keys.kind === 'url' ? keys.at : issuer;
  const url = URL.parse(address);
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') {
    throw invalid(issuer, 'its keys are to be fetched from an address that is none');
  }
  const fetch = (signal: AbortSignal): ReturnType<typeof fetchJwks> =>
    keys.kind === 'url' ? fetchJwks(door, keys.at, signal) : discoverJwks(door, issuer, signal);
  return new RemoteKeys({ subject: issuer, fetch, clock, ...(logger === undefined ? {} : { logger }) });
}

function invalid(issuer: string, why: string): RegistryAuthError {
  return new RegistryAuthError('AUTH_SETTING_INVALID', `The issuer ${JSON.stringify(issuer)} cannot be used: ${why}`);
}
