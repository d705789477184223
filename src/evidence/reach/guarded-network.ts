import type { Network, NetworkRequest, NetworkResponse } from '../../net/network.ts';
import { NetError } from '../../net/error.ts';
import { reachLimits } from './limits.ts';
import type { NamedBy } from './model.ts';
import { ownWords } from './own-words.ts';
import type { RegistryReach } from './registry-reach.ts';

/** One registry, and who named it. */
export interface GuardedRegistry {
  /** As references call it: `ghcr.io`. */
  readonly registry: string;
  readonly namedBy: NamedBy;
  /** Whether a policy lets it be asked without TLS. */
  readonly plainHttp: boolean;
}

/** The way to one registry, its token service and what it redirects to, as far as a {@link RegistryReach} lets. */
export class GuardedNetwork implements Network {
  readonly #network: Network;
  readonly #reach: RegistryReach;
  readonly #registry: GuardedRegistry;
  /** Nobody vouches for it. */
  readonly #isStranger: boolean;
  readonly #isDenied: boolean;

  constructor(network: Network, reach: RegistryReach, registry: GuardedRegistry) {
    this.#network = network;
    this.#reach = reach;
    this.#registry = registry;
    const url = URL.parse(`https://${registry.registry}/`);
    this.#isStranger = url === null || !reach.isAllowed(url);
    // Whoever writes policies may say where signatures are; a name may still have parts that an object brought.
    this.#isDenied = this.#isStranger && registry.namedBy === 'object' && (url === null || reach.isDenied(url));
  }

  get clock(): Network['clock'] {
    return this.#network.clock;
  }

  async request(request: NetworkRequest): Promise<NetworkResponse> {
    const { registry, plainHttp } = this.#registry;
    if (this.#isDenied) {
      const sentence = `${registry} is none of the registries that images may come from; ask whoever runs this program`;
      throw new NetError('DENIED', registry, sentence);
    }
    const bounded: NetworkRequest = {
      ...request,
      reach: this.#reach.reach,
      ...(plainHttp ? { plainHttpHosts: [registry] } : {}),
    };
    return this.#isStranger ? await this.#askStranger(bounded) : await this.#network.request(bounded);
  }

  plainHttp(host: string): ReturnType<Network['plainHttp']> {
    if (this.#registry.plainHttp && host === this.#registry.registry) return 'asked';
    const found = this.#network.plainHttp(host);
    // This machine is asked without TLS by itself, but for an image only where somebody vouches for it.
    const url = found === 'loopback' ? URL.parse(`https://${host}/`) : null;
    return url !== null && !this.#reach.isAllowed(url) ? undefined : found;
  }

  /** The network belongs to who opened it. */
  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }

  async #askStranger(asked: NetworkRequest): Promise<NetworkResponse> {
    const reach = this.#reach;
    const url = new URL(asked.url);
    const leave = await reach.enter(url, asked.signal);
    const { connectTime: connectMs, answerTime: headersMs } = reachLimits;
    const request = { ...asked, limits: { connectMs, headersMs, ...asked.limits } };
    let response: NetworkResponse;
    try {
      response = await this.#network.request(request);
    } catch (error) {
      leave();
      throw reach.discreet(error, url);
    }
    reach.answered(url);
    if (response.status >= 400 && !this.#isOpen(response.url) && !(await this.#isRegistry(response, request))) {
      response.discard();
      leave();
      throw reach.discreet(notRegistry(url.host), url);
    }
    return withBody(response, this.#heldBody(response, leave), leave);
  }

  /** Whether anybody may know what it answers. */
  #isOpen(url: URL): boolean {
    return this.#reach.isPublic(url) || this.#reach.isAllowed(url);
  }

  /**
   * Whether an error is that of a registry, which says so itself or where it is asked for that (OCI distribution-spec, "Determining
   * Support"): what any server says of a path that it does not know tells that there is one.
   */
  async #isRegistry({ url, headers }: NetworkResponse, request: NetworkRequest): Promise<boolean> {
    const reach = this.#reach;
    const own = new URL(request.url);
    if (url.origin !== own.origin || !own.pathname.startsWith('/v2/') || reach.isRegistry(url)) return true;
    if (headers.get('docker-distribution-api-version')?.startsWith('registry/2') !== true) {
      const { reach: rule, plainHttpHosts = [], limits = {}, signal } = request;
      const door = { url: new URL('/v2/', own), followRedirects: false, plainHttpHosts, limits, signal };
      const answer = await this.#network
        .request({ ...door, ...(rule === undefined ? {} : { reach: rule }) })
        .catch(() => undefined);
      answer?.discard();
      const asks = answer?.status === 401 && answer.headers.has('www-authenticate');
      if (answer?.status !== 200 && !asks) return false;
    }
    reach.foundRegistry(url);
    return true;
  }

  /** Keeps its place until it was read; of errors of those whom not everybody reaches, only what registries say is read. */
  async *#heldBody(response: NetworkResponse, leave: () => void): AsyncGenerator<Uint8Array, void, undefined> {
    const reach = this.#reach;
    try {
      yield* response.status < 400 || this.#isOpen(response.url) ? response.body : ownWords(response.body);
    } catch (error) {
      throw reach.discreet(error, response.url);
    } finally {
      leave();
    }
  }
}

function withBody(response: NetworkResponse, body: AsyncIterable<Uint8Array>, leave: () => void): NetworkResponse {
  return {
    ...response,
    body,
    discard: () => {
      leave();
      response.discard();
    },
  };
}

function notRegistry(host: string): NetError {
  return new NetError('PROTOCOL', host, `${host} answers, and is no registry`);
}
