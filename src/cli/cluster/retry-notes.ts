import type { Network, NetworkRequest, NetworkResponse } from '../../net/network.ts';
import { parseRetryAfter } from '../../net/retry.ts';

/** A registry that wants to be left alone for longer is asked again all the same: the time of a scan is bounded. Milliseconds. */
const longest = 600_000;

/** Remembers until when hosts want to be left alone (`Retry-After` of 429 and 503; RFC 9110, 10.2.3). */
export class RetryNotes implements Network {
  readonly #network: Network;
  readonly #until = new Map<string, number>();

  constructor(network: Network) {
    this.#network = network;
  }

  get clock(): Network['clock'] {
    return this.#network.clock;
  }

  /** @param host `name` or `name:port` */
  until(host: string): number | undefined {
    return this.#until.get(host);
  }

  async request(request: NetworkRequest): Promise<NetworkResponse> {
    const response = await this.#network.request(request);
    if (response.status === 429 || response.status === 503) {
      const now = this.clock.now();
      const pause = parseRetryAfter(response.headers.get('retry-after'), now);
      if (pause !== undefined) this.#until.set(response.url.host, now + Math.min(pause, longest));
    }
    return response;
  }

  plainHttp(host: string): ReturnType<Network['plainHttp']> {
    return this.#network.plainHttp(host);
  }

  /** The network belongs to who opened it. */
  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}
