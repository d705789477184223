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
    const isNamed = isAsked(network.plainHttp(registry.registry));
    this.#isStranger = !isNamed && (url === null || !reach.isAllowed(url));
    // Whoever writes policies may say where signatures are; a name may still have parts that an object brought.
    this.#isDenied = this.#isStranger && registry.namedBy === 'object' && (url === null || reach.isDenied(url));
  }

  get clock(): Network['clock'] {
    return this.#network.clock;
  }

  async request(request: NetworkRequest): Promise<NetworkResponse> {
    const { registry, plainHttp } = this.#registry;
    if (this.#isDenied) {
      const sentence = `${registry} is none of the registries that images may come from; ask whoever runs this webhook`;
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

  async #askStranger(request: NetworkRequest): Promise<NetworkResponse> {
    const reach = this.#reach;
    const url = new URL(request.url);
    const leave = await reach.enter(url, request.signal);
    const limits = {
      connectMs: reachLimits.connectTime,
      headersMs: reachLimits.answerTime,
      ...request.limits,
    };
    let response: NetworkResponse;
    try {
      response = await this.#network.request({ ...request, limits });
    } catch (error) {
      leave();
      throw reach.discreet(error, url);
    }
    reach.answered(url);
    return withBody(response, this.#heldBody(response, leave), leave);
  }

  /** Keeps its place until it was read; of errors of those whom not everybody reaches, only what registries say is read. */
  async *#heldBody(response: NetworkResponse, leave: () => void): AsyncGenerator<Uint8Array, void, undefined> {
    const reach = this.#reach;
    const isOpen = response.status < 400 || reach.isPublic(response.url) || reach.isAllowed(response.url);
    try {
      yield* isOpen ? response.body : ownWords(response.body);
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

/** What whoever runs the webhook lets be asked without TLS is a registry of theirs. */
function isAsked(plain: ReturnType<Network['plainHttp']>): boolean {
  return plain === 'asked' || plain === 'either';
}
