import type { Logger } from '../base/logger.ts';
import type { Clock } from '../net/clock.ts';
import type { RequestLimits } from '../net/limits.ts';
import type { NetworkRequest, NetworkResponse } from '../net/network.ts';
import { backoffMs } from '../net/retry.ts';
import type { ClusterConfig, Credentials } from './config/model.ts';
import type { Connections, Lane } from './connections.ts';
import { isKubernetesError } from './error.ts';
import { kubernetesLimits as limits } from './limits.ts';
import { networkFailure } from './network-failure.ts';
import type { RateLimit } from '../net/rate-limit.ts';
import { errorOfResponse } from './status-error.ts';
import { readWarnings } from './warnings.ts';

/** One request to the API. */
export interface ApiRequest {
  /** For messages, after "did not": `get pods web`. */
  readonly what: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Begins with a slash; below the server's own path. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | undefined>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** `application/json` where it is absent. */
  readonly contentType?: string;
  readonly accept?: string;
  readonly lane?: Lane;
  readonly limits?: Partial<RequestLimits>;
  /** Whether it may be sent twice, where its method does not say so. */
  readonly idempotent?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** What a transport is made of. */
export interface TransportParts {
  readonly config: ClusterConfig;
  readonly connections: Connections;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly rateLimit: RateLimit | undefined;
}

/** A webhook of a mutation may take half a minute, and the server gives itself a minute for all. */
const headersMs = 65_000;

/** Sends requests to one API server with what proves who asks, and tells success from all else. */
export class Transport {
  readonly #parts: TransportParts;
  readonly #base: string;
  readonly #isTls: boolean;

  constructor(parts: TransportParts) {
    this.#parts = parts;
    this.#base = parts.config.server;
    this.#isTls = new URL(this.#base).protocol === 'https:';
  }

  /** Time and chance, for what waits between requests. */
  get clock(): Clock {
    return this.#parts.clock;
  }

  /**
   * Sends a request and hands over its success; the body is the caller's to read or discard.
   *
   * @throws KubernetesError, or the signal's reason
   */
  async send(request: ApiRequest): Promise<NetworkResponse> {
    const { clock } = this.#parts;
    const mayRepeat = request.idempotent ?? (request.method !== 'POST' && request.method !== 'PATCH');
    let renewed = false;
    for (let tries = 0; ;) {
      const credentials = await this.#credentials(request.signal);
      const response = await this.#ask(request, credentials);
      if (response.status >= 200 && response.status < 300) {
        this.#passWarningsOn(response, request.what);
        return response;
      }
      if (response.status === 401 && !renewed && this.#parts.config.credentials.refused(credentials)) {
        // They may have expired just now, and others may be there already. Once: else a server could make this go on for ever.
        renewed = true;
        response.discard();
        continue;
      }
      const secrets = Object.values(credentials.headers).flatMap((value) => [value, value.replace(/^\w+ /, '')]);
      const error = await errorOfResponse(response, { what: request.what, secrets }, clock.now());
      // What was refused was not begun, so it may be sent again whatever it is. What may be repeated, `net/` has repeated.
      const pause = error.retryAfterMs ?? backoffMs(tries, clock);
      const isTooOften = isKubernetesError(error, 'THROTTLED') && error.status === 429;
      if (!isTooOften || mayRepeat || tries >= limits.throttledTries || pause > limits.throttledMs) throw error;
      tries += 1;
      await clock.sleep(pause, request.signal);
    }
  }

  /** Sends a request and reads the whole of its success. @throws KubernetesError, or the signal's reason */
  async read(request: ApiRequest): Promise<Buffer> {
    const response = await this.send(request);
    try {
      const chunks: Uint8Array[] = [];
      for await (const chunk of response.body) chunks.push(chunk);
      return Buffer.concat(chunks);
    } catch (error) {
      throw networkFailure(error);
    }
  }

  /** Over plain HTTP nobody is told who asks, as in kubectl: whoever listens could be that from then on. */
  async #credentials(signal: AbortSignal | undefined): Promise<Credentials> {
    return this.#isTls ? await this.#parts.config.credentials.current(signal) : { headers: {}, certificate: undefined };
  }

  async #ask(request: ApiRequest, credentials: Credentials): Promise<NetworkResponse> {
    const { method, path, query = {}, body, contentType = 'application/json', signal } = request;
    await this.#parts.rateLimit?.take(signal);
    const url = new URL(`${this.#base}${path}`);
    for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, value);
    const asked: NetworkRequest = {
      method,
      url,
      headers: {
        accept: request.accept ?? 'application/json',
        ...(body === undefined ? {} : { 'content-type': contentType }),
        ...credentials.headers,
      },
      ...(body === undefined ? {} : { body: Buffer.from(JSON.stringify(body)) }),
      ...(request.idempotent === undefined ? {} : { idempotent: request.idempotent }),
      followRedirects: false,
      limits: { headersMs, maxBodyBytes: limits.answerBytes, ...request.limits },
      signal,
    };
    try {
      return await this.#parts.connections.network(request.lane ?? 'request', credentials.certificate).request(asked);
    } catch (error) {
      throw networkFailure(error);
    }
  }

  #passWarningsOn(response: NetworkResponse, what: string): void {
    for (const warning of readWarnings(response.headers.get('warning'))) {
      this.#parts.logger.warn('the cluster warns', { what, warning });
    }
  }
}
