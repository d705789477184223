import { formatTime } from '../../base/time-text.ts';
import type { Network, NetworkRequest, NetworkResponse } from '../../net/network.ts';
import { parseRetryAfter } from '../../net/retry.ts';
import { OciError } from '../../oci/error.ts';
import { reachLimits } from './limits.ts';

/** A host that said that it is asked too often. */
interface Held {
  /** Milliseconds since 1970. */
  readonly until: number;
  /** The pause that was made of it. */
  readonly pause: number;
}

/**
 * Asks no host before it wants to be asked again (429, with `Retry-After`; RFC 6585, 4): whatever would be asked of it meanwhile fails at
 * once, and whoever knows what it said before goes by that. A host that says no time gets longer pauses as long as it goes on.
 */
export class PoliteNetwork implements Network {
  readonly #network: Network;
  readonly #held = new Map<string, Held>();

  constructor(network: Network) {
    this.#network = network;
  }

  get clock(): Network['clock'] {
    return this.#network.clock;
  }

  /** @throws OciError RATE_LIMITED besides what the network throws */
  async request(request: NetworkRequest): Promise<NetworkResponse> {
    const { host } = new URL(request.url);
    const held = this.#held.get(host);
    if (held !== undefined && this.clock.now() < held.until) {
      const sentence = `${host} is asked too often and wants to be left alone until ${formatTime(held.until)}; wait, or use a mirror`;
      throw new OciError('RATE_LIMITED', sentence);
    }
    const response = await this.#network.request(request);
    if (response.status === 429) this.#hold(host, response);
    else if (held !== undefined && this.#held.get(host) === held) this.#held.delete(host);
    return response;
  }

  plainHttp(host: string): ReturnType<Network['plainHttp']> {
    return this.#network.plainHttp(host);
  }

  /** The network belongs to who opened it. */
  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }

  #hold(host: string, { headers }: NetworkResponse): void {
    const now = this.clock.now();
    const { leastPause, mostPause, hosts } = reachLimits.held;
    const before = this.#held.get(host);
    const asked = parseRetryAfter(headers.get('retry-after'), now);
    // Of several that were under way together, the first makes the pause longer.
    const longer = before === undefined ? leastPause : before.until > now ? before.pause : before.pause * 2;
    const pause = Math.min(asked ?? longer, mostPause);
    this.#held.delete(host);
    this.#held.set(host, { until: Math.max(now + pause, before?.until ?? 0), pause: Math.max(pause, leastPause) });
    const [oldest] = this.#held.keys();
    if (this.#held.size > hosts && oldest !== undefined) this.#held.delete(oldest);
  }
}
