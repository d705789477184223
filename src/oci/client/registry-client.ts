import type { Logger } from '../../base/logger.ts';
import { isNetError } from '../../net/error.ts';
import type { Clock } from '../../net/clock.ts';
import type { RequestBody } from '../../net/exchange.ts';
import type { RequestLimits } from '../../net/limits.ts';
import type { Network, NetworkResponse } from '../../net/network.ts';
import type { OciError } from '../error.ts';
import { dockerHub } from '../reference.ts';
import { type Access, Authorizer, type AuthorizerOptions } from './authorizer.ts';
import type { Keychain } from './credential.ts';
import { ReferrersApiMemory } from './referrers-api-memory.ts';
import { registryError, registryFailure, type RegistryQuestion } from './registry-error.ts';

/** How to talk to one registry. */
export interface RegistryClientOptions {
  readonly keychain?: Keychain;
  readonly logger?: Logger;
  /** Where the registry is reached, where its name alone does not say so; nothing is then tried out. */
  readonly base?: URL;
  /** Whether tokens may be asked for at an address that the registry names; by default at any. */
  readonly isTokenHost?: AuthorizerOptions['isTokenHost'];
  /** What no message may hold besides what it learns itself: the registry may remember what it was shown by others. */
  readonly secrets?: readonly string[];
}

/** One request to a registry's API. */
export interface RegistryRequest {
  readonly method: string;
  /** Below `/v2/`; or a whole address that the registry gave. */
  readonly path: string | URL;
  readonly access: Access;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: RequestBody;
  readonly idempotent?: boolean;
  readonly limits?: Partial<RequestLimits>;
  readonly signal: AbortSignal | undefined;
}

/** Docker Hub's images are not at the host that names them. */
const dockerHubHost = 'registry-1.docker.io';

/** Where a registry answers. @param registry as references name it */
export function registryHost(registry: string): string {
  return registry === dockerHub ? dockerHubHost : registry;
}

/** A server on loopback answers at once or not at all. */
const probeLimits = { connectMs: 2000, headersMs: 2000, maxBodyBytes: 64 * 1024 };

/** How often a request is sent with other authorization: for an out-of-date token, and for the token itself. */
const maxAnswers = 2;

/** Speaks with one registry: finds its address, proves who asks, and leaves what was said to its callers. */
export class RegistryClient {
  readonly registry: string;
  /** Which repositories answer the referrers API. */
  readonly referrersApi: ReferrersApiMemory;
  readonly #network: Network;
  readonly #options: RegistryClientOptions;
  #door: Promise<{ readonly base: URL; readonly authorizer: Authorizer }> | undefined;
  #authorizer: Authorizer | undefined;

  /** @param registry `host` or `host:port`, as references name it */
  constructor(network: Network, registry: string, options: RegistryClientOptions = {}) {
    this.#network = network;
    this.registry = registry;
    this.referrersApi = new ReferrersApiMemory(network.clock);
    this.#options = options;
  }

  /** The network's clock, for pauses between requests that belong together. */
  get clock(): Clock {
    return this.#network.clock;
  }

  /**
   * Sends a request, with authorization once the registry asks for it. Any status but a challenge that could be met is
   * an answer.
   *
   * @throws OciError, NetError for what the user decided, the signal's reason
   */
  async request(request: RegistryRequest): Promise<NetworkResponse> {
    const { base, authorizer } = await this.#open(request.signal);
    const { access, signal, path, ...rest } = request;
    const url = typeof path === 'string' ? new URL(`/v2/${path}`, base) : path;
    // An upload may continue on a storage host, which is not to learn who asks.
    const home = url.origin === base.origin;
    let authorization = home ? await authorizer.current(access) : undefined;
    for (let answers = 0; ; answers += 1) {
      const response = await this.#send({ ...rest, url, signal }, authorization);
      if (response.status !== 401 || response.url.origin !== base.origin || answers === maxAnswers) return response;
      const challenge = response.headers.get('www-authenticate') ?? (await this.#askChallenge(base, signal));
      const next = await authorizer.answer(challenge, access, authorization, signal).catch((error: unknown) => {
        response.discard();
        throw registryFailure(error);
      });
      if (next === undefined) return response;
      response.discard();
      authorization = next;
    }
  }

  /** Where it is asked, such as `https://registry.example.org`: found out once. @throws OciError, NetError as `request` does */
  async origin(signal?: AbortSignal): Promise<string> {
    return (await this.#open(signal)).base.origin;
  }

  /** Explains an answer that is no success. */
  explain(response: NetworkResponse, question: Pick<RegistryQuestion, 'kind' | 'name'>): Promise<OciError> {
    const identified = this.#authorizer?.identified ?? false;
    return registryError(response, { ...question, host: response.url.host, identified, secrets: this.secrets });
  }

  /** What no message may hold: what it shows the registry, and what it was told of. */
  get secrets(): readonly string[] {
    return [...(this.#authorizer?.secrets ?? []), ...(this.#options.secrets ?? [])];
  }

  async #send(
    request: Omit<RegistryRequest, 'path' | 'access'> & { readonly url: URL },
    authorization: string | undefined,
  ): Promise<NetworkResponse> {
    const headers = authorization === undefined ? request.headers : { ...request.headers, authorization };
    try {
      return await this.#network.request({ ...request, ...(headers === undefined ? {} : { headers }) });
    } catch (error) {
      throw registryFailure(error);
    }
  }

  /** Some registries explain how to log in only here (distribution-spec, "Determining Support"). */
  async #askChallenge(base: URL, signal: AbortSignal | undefined): Promise<string> {
    const response = await this.#send({ method: 'GET', url: new URL('/v2/', base), signal }, undefined);
    response.discard();
    return response.status === 401 ? (response.headers.get('www-authenticate') ?? '') : '';
  }

  async #open(signal: AbortSignal | undefined): Promise<{ readonly base: URL; readonly authorizer: Authorizer }> {
    this.#door ??= this.#openDoor(signal);
    try {
      return await this.#door;
    } catch (error) {
      // What failed for this request may succeed for the next.
      this.#door = undefined;
      throw error;
    }
  }

  async #openDoor(signal: AbortSignal | undefined): Promise<{ readonly base: URL; readonly authorizer: Authorizer }> {
    const { keychain, logger, isTokenHost } = this.#options;
    const base = this.#options.base ?? (await this.#findBase(signal));
    const authorizer = new Authorizer({
      network: this.#network,
      base,
      registry: this.registry,
      keychain,
      ...(logger === undefined ? {} : { logger }),
      ...(isTokenHost === undefined ? {} : { isTokenHost }),
    });
    this.#authorizer = authorizer;
    return { base, authorizer };
  }

  /**
   * https, but where plain HTTP was asked for; on loopback whichever of the two answers, plain HTTP first. Where both were
   * asked for, https first: TLS that nobody verified keeps out those who only listen.
   */
  async #findBase(signal: AbortSignal | undefined): Promise<URL> {
    const host = registryHost(this.registry);
    const plain = this.#network.plainHttp(host);
    if (plain === undefined) return new URL(`https://${host}/`);
    if (plain === 'asked') return new URL(`http://${host}/`);
    const base = new URL(`http://${host}/`);
    if (plain === 'either')
      return (await this.#answers(`https://${host}/v2/`, signal)) ? new URL(`https://${host}/`) : base;
    try {
      const url = new URL('/v2/', base);
      const response = await this.#network.request({ url, idempotent: false, limits: probeLimits, signal });
      response.discard();
      // Servers that expect TLS say so with 400.
      return response.status === 400 ? new URL(`https://${host}/`) : base;
    } catch (error) {
      if (isNetError(error, 'RESET', 'PROTOCOL')) return new URL(`https://${host}/`);
      throw registryFailure(error);
    }
  }

  /** Whether somebody is there who speaks so. @throws OciError where nobody can tell */
  async #answers(url: string, signal: AbortSignal | undefined): Promise<boolean> {
    try {
      const response = await this.#network.request({ url, idempotent: false, limits: probeLimits, signal });
      response.discard();
      return true;
    } catch (error) {
      if (isNetError(error, 'NOT_TLS', 'REFUSED', 'RESET', 'PROTOCOL', 'TIMEOUT')) return false;
      throw registryFailure(error);
    }
  }
}
