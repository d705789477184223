import { isSeaworthyError } from '../../base/error.ts';
import { type Logger, silentLogger } from '../../base/logger.ts';
import type { Network } from '../../net/network.ts';
import { OciError } from '../error.ts';
import { type AuthChallenge, parseAuthChallenges } from './auth-challenge.ts';
import { basicAuthorization, type Credential, type Keychain, secretsOf } from './credential.ts';
import { clientLimits } from './limits.ts';
import { type AccessToken, checkRealm, fetchToken, foreignRealm } from './token.ts';

/** What a request wants to do with a repository, or with the catalog of all of them. */
export interface Access {
  /** Empty for the catalog. */
  readonly repository: string;
  /** Distribution, spec/auth/scope.md. */
  readonly actions: 'pull' | 'pull,push' | 'delete' | 'pull,push,delete' | 'catalog';
}

/** What the requests to one registry need to prove who asks. */
export interface AuthorizerOptions {
  readonly network: Network;
  /** Where the registry is reached. */
  readonly base: URL;
  /** What references call it: `docker.io`. */
  readonly registry: string;
  readonly keychain: Keychain | undefined;
  readonly logger?: Logger;
  /**
   * Whether tokens may be asked for at an address that the registry at `base` names. Credentials are sent there, so who can answer in the
   * registry's name must not choose it freely (CVE-2026-33540). By default it may be any.
   */
  readonly isTokenHost?: (base: URL, realm: URL) => boolean;
}

interface HeldToken {
  readonly token: Promise<AccessToken>;
  /** Once known: a token still under way is never stale. */
  staleAt: number;
  value?: string;
}

/**
 * Answers a registry's challenges: looks for credentials only once it asks for them, keeps one token per kind of access,
 * fetches each only once however many requests wait for it.
 */
export class Authorizer {
  readonly #options: AuthorizerOptions;
  readonly #tokens = new Map<string, HeldToken>();
  #basic: { readonly authorization: string; readonly staleAt: number } | undefined;
  readonly #credentials = new Map<string, Promise<Credential | undefined>>();
  #found: Credential | undefined;
  /** What was shown before. */
  #past: readonly string[] = [];
  /** Why the token service did not take the credentials; they are not sent to it again. */
  #refusal: OciError | undefined;

  constructor(options: AuthorizerOptions) {
    this.#options = options;
  }

  /** True when credentials were found. */
  get identified(): boolean {
    return this.#found !== undefined;
  }

  /** What no message may hold: what was found, and what was got for it. */
  get secrets(): readonly string[] {
    const tokens = [...this.#tokens.values()].flatMap(({ value }) => (value === undefined ? [] : [value]));
    return [...secretsOf(this.#found), ...tokens, ...this.#past];
  }

  /** The `Authorization` value to send without being asked; undefined before the first challenge. */
  async current(access: Access): Promise<string | undefined> {
    const now = this.#options.network.clock.now();
    if (this.#basic !== undefined) return this.#basic.staleAt > now ? this.#basic.authorization : undefined;
    const held = this.#tokens.get(accessKey(access));
    if (held === undefined || held.staleAt <= now) return undefined;
    const token = await held.token.catch(() => undefined);
    return token === undefined ? undefined : `Bearer ${token.value}`;
  }

  /**
   * Answers a challenge with another `Authorization` value; undefined when nothing better than `refused` can be had.
   *
   * @throws OciError CREDENTIALS_UNREADABLE, CREDENTIALS_UNAVAILABLE, REGISTRY_PROTOCOL, UNAUTHORIZED …, NetError
   */
  async answer(
    header: string,
    access: Access,
    refused: string | undefined,
    signal: AbortSignal | undefined,
  ): Promise<string | undefined> {
    const challenges = parseAuthChallenges(header);
    const bearer = challenges.find(({ scheme, parameters }) => scheme === 'bearer' && parameters.has('realm'));
    let credential: Credential | undefined;
    try {
      credential = await this.#find(access, signal);
    } catch (error) {
      const missing = error instanceof OciError && error.code === 'CREDENTIALS_UNAVAILABLE';
      if (!missing || bearer === undefined || access.actions !== 'pull' || refused !== undefined) throw error;
      return await this.#anonymous(bearer, access, error, signal);
    }
    if (credential?.kind === 'registry-token') return other(`Bearer ${credential.token}`, refused);
    if (bearer !== undefined) return other(await this.#bearer(bearer, access, credential, refused, signal), refused);
    if (credential?.kind !== 'password' || !challenges.some(({ scheme }) => scheme === 'basic')) return undefined;
    const authorization = other(basicAuthorization(credential.username, credential.password), refused);
    const { staleAt = Number.POSITIVE_INFINITY } = credential;
    this.#basic = authorization === undefined ? undefined : { authorization, staleAt };
    return authorization;
  }

  /** Credentials that cannot be had must not stand before public images. Where anybody may have nothing, they are the reason. */
  async #anonymous(
    bearer: AuthChallenge,
    access: Access,
    reason: OciError,
    signal: AbortSignal | undefined,
  ): Promise<string> {
    const { registry, logger = silentLogger } = this.#options;
    const token = await this.#bearer(bearer, access, undefined, undefined, signal).catch((error: unknown) => {
      throw isRefusal(error) ? reason : error;
    });
    logger.warn(`the credentials for ${registry} cannot be had; going on without them`, { reason: reason.message });
    return token;
  }

  async #find(access: Access, signal: AbortSignal | undefined): Promise<Credential | undefined> {
    const { keychain, registry } = this.#options;
    let search = this.#credentials.get(access.repository);
    if (search !== undefined && this.#isStale(await search) && this.#credentials.get(access.repository) === search) {
      search = undefined;
      this.#refusal = undefined;
      this.#past = [...secretsOf(this.#found), ...this.#past].slice(0, clientLimits.pastSecrets);
    } else search = this.#credentials.get(access.repository);
    if (search === undefined) {
      search = (async () => {
        this.#found = await keychain?.find(registry, access.repository, signal);
        return this.#found;
      })();
      this.#credentials.set(access.repository, search);
      search.catch(() => this.#credentials.delete(access.repository));
    }
    return await search;
  }

  #isStale(credential: Credential | undefined): boolean {
    const staleAt = credential?.kind === 'password' ? credential.staleAt : undefined;
    return staleAt !== undefined && staleAt <= this.#options.network.clock.now();
  }

  async #bearer(
    challenge: AuthChallenge,
    access: Access,
    credential: Credential | undefined,
    refused: string | undefined,
    signal: AbortSignal | undefined,
  ): Promise<string> {
    const key = accessKey(access);
    const held = this.#tokens.get(key);
    // Another request may have fetched a token since this one was sent.
    const known = held === undefined ? undefined : await held.token.catch(() => undefined);
    signal?.throwIfAborted();
    const fresh = held !== undefined && held.staleAt > this.#options.network.clock.now();
    if (known !== undefined && fresh && `Bearer ${known.value}` !== refused && this.#tokens.get(key) === held) {
      return `Bearer ${known.value}`;
    }
    const mine = this.#tokens.get(key) === held;
    if (mine) this.#begin(key, challenge, access, credential, refused, signal);
    try {
      const { value } = await (this.#tokens.get(key) as HeldToken).token;
      return `Bearer ${value}`;
    } catch (error) {
      // Whoever fetched it for all may have been told to stop, which is no reason for the others.
      if (mine || signal?.aborted === true || isSeaworthyError(error)) throw error;
      return await this.#bearer(challenge, access, credential, refused, signal);
    }
  }

  #begin(
    key: string,
    challenge: AuthChallenge,
    access: Access,
    credential: Credential | undefined,
    refused: string | undefined,
    signal: AbortSignal | undefined,
  ): void {
    const token = this.#request(challenge, access, credential, refused, signal);
    const held: HeldToken = { token, staleAt: Number.POSITIVE_INFINITY };
    this.#tokens.set(key, held);
    token.then(
      ({ staleAt, value }) => {
        held.staleAt = staleAt;
        held.value = value;
      },
      () => {
        if (this.#tokens.get(key) === held) this.#tokens.delete(key);
      },
    );
  }

  async #request(
    challenge: AuthChallenge,
    access: Access,
    credential: Credential | undefined,
    refused: string | undefined,
    signal: AbortSignal | undefined,
  ): Promise<AccessToken> {
    const { network, base, registry, logger = silentLogger } = this.#options;
    const realm = checkRealm(network, base, challenge.parameters.get('realm') ?? '');
    if (this.#options.isTokenHost?.(base, realm) === false) throw foreignRealm(base, realm);
    const service = challenge.parameters.get('service');
    const own = scopeOf(access);
    const asked = (challenge.parameters.get('scope') ?? '').split(' ').filter((scope) => scope !== '');
    // A challenge may name less than this access needs (a HEAD before a push), or another repository's scope.
    const scopes = asked.some((scope) => covers(scope, access)) ? asked : [...asked, own];
    const ask = (as: Credential | undefined): Promise<AccessToken> =>
      fetchToken(network, { realm, service, scopes, credential: as }, signal);
    if (this.#refusal !== undefined) {
      // What anyone may have was not enough, so what was wrong with the credentials is the answer.
      if (refused !== undefined) throw this.#refusal;
      return await ask(undefined);
    }
    try {
      return await ask(credential);
    } catch (error) {
      if (!isRefusal(error) || credential === undefined || access.actions !== 'pull') throw error;
      // Out-of-date credentials must not stand before public images.
      this.#refusal = error;
      const token = await ask(undefined).catch(() => {
        throw error;
      });
      logger.warn(`the credentials for ${registry} were refused; going on without them`);
      return token;
    }
  }
}

function isRefusal(error: unknown): error is OciError {
  return error instanceof OciError && (error.code === 'UNAUTHORIZED' || error.code === 'DENIED');
}

function accessKey({ repository, actions }: Access): string {
  return `${repository} ${actions}`;
}

function scopeOf({ repository, actions }: Access): string {
  return actions === 'catalog' ? 'registry:catalog:*' : `repository:${repository}:${actions}`;
}

/** True when a scope grants all that an access needs (distribution, spec/auth/scope.md). */
function covers(scope: string, { repository, actions }: Access): boolean {
  if (actions === 'catalog') return scope === 'registry:catalog:*';
  const prefix = `repository:${repository}:`;
  if (!scope.startsWith(prefix)) return false;
  const granted = scope.slice(prefix.length).split(',');
  return actions.split(',').every((action) => granted.includes(action) || granted.includes('*'));
}

function other(authorization: string, refused: string | undefined): string | undefined {
  return authorization === refused ? undefined : authorization;
}
