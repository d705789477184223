import { isNetError } from '../../net/error.ts';
import type { Network, NetworkRequest, NetworkResponse } from '../../net/network.ts';
import { parseRetryAfter } from '../../net/retry.ts';
import type { Circuit, RequestKind } from './circuit.ts';
import { upstreamLimits } from './limits.ts';

/** What came of a request to an upstream. */
export type RequestOutcome = 'ok' | 'absent' | 'refused' | 'limited' | 'failed';

/** What every request to an upstream is held to. */
export interface NetworkBounds {
  readonly network: Network;
  /** Where the upstream is. */
  readonly base: URL;
  /** Refuses private addresses, wherever names and redirects lead. */
  readonly publicOnly: boolean;
  readonly circuit: Circuit;
  /** Takes a request from the budget. @throws UpstreamTrouble when there is none left */
  readonly spend: (kind: RequestKind) => Promise<void>;
  /** Gives a fetched manifest back to the budget that was none. */
  readonly refund: () => Promise<void>;
  readonly observe: (kind: RequestKind, outcome: RequestOutcome, response: NetworkResponse | undefined) => void;
}

/**
 * The way to one upstream, its token service and what it redirects to. Nothing is sent twice by itself: clients wait meanwhile, and what
 * was known before may be served.
 */
export class BoundedNetwork implements Network {
  readonly #bounds: NetworkBounds;

  constructor(bounds: NetworkBounds) {
    this.#bounds = bounds;
  }

  get clock(): Network['clock'] {
    return this.#bounds.network.clock;
  }

  async request(request: NetworkRequest): Promise<NetworkResponse> {
    const { network, publicOnly, circuit, spend, refund, observe } = this.#bounds;
    const kind = this.#kindOf(request);
    circuit.enter(kind);
    if (kind !== 'token') await spend(kind);
    const { connectTime, headTime, documentTime } = upstreamLimits;
    // Of a blob, clients get bytes meanwhile; for a document, they wait without any.
    const body = kind === 'blob' ? {} : { idleMs: documentTime, speedWindowMs: documentTime };
    const limits = { ...request.limits, ...body, connectMs: connectTime, headersMs: headTime };
    // Compressed on the way, bytes would be others than their digest says.
    const headers = { ...request.headers, 'accept-encoding': 'identity' };
    let response: NetworkResponse;
    try {
      response = await network.request({ ...request, headers, limits, publicOnly, idempotent: false });
    } catch (error) {
      if (isNetError(error)) {
        circuit.failed();
        observe(kind, 'failed', undefined);
      }
      throw error;
    }
    // Docker Hub counts manifests that it serves, and no answer that asks for a token: with the next one, it would be two.
    if (response.status === 401 && kind === 'manifest') await refund();
    const outcome = outcomeOf(response.status);
    if (outcome === 'limited') {
      circuit.limited(kind, parseRetryAfter(response.headers.get('retry-after'), this.clock.now()));
    } else if (outcome === 'failed') circuit.failed();
    else circuit.answered();
    observe(kind, outcome, response);
    return response;
  }

  plainHttp(host: string): ReturnType<Network['plainHttp']> {
    return this.#bounds.network.plainHttp(host);
  }

  /** The network belongs to who opened it. */
  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }

  #kindOf({ method = 'GET', url }: NetworkRequest): RequestKind {
    const { origin, pathname } = new URL(url);
    if (origin !== this.#bounds.base.origin || !pathname.startsWith('/v2/')) return 'token';
    const word = pathname.split('/').at(-2);
    if (word === 'blobs') return 'blob';
    if (word !== 'manifests') return 'list';
    return method === 'HEAD' ? 'head' : 'manifest';
  }
}

function outcomeOf(status: number): RequestOutcome {
  if (status === 429) return 'limited';
  if (status === 404) return 'absent';
  // The first answer of most registries is 401, which asks for a token.
  if (status === 403) return 'refused';
  return status >= 500 || status === 408 ? 'failed' : 'ok';
}
