import { RegistryError } from '../error.ts';
import { StoreError } from '../../store/error.ts';
import { isRegistryAuthError } from '../auth/error.ts';
import type { RegistryMetrics } from './registry-metrics.ts';

/** What came of a request, as far as metrics are about it. */
export interface MeasuredRequest {
  readonly method: string;
  /** The kind of the route; undefined for a path that is none. */
  readonly route: string | undefined;
  readonly status: number;
  readonly seconds: number;
  readonly receivedBytes: number;
  readonly sentBytes: number;
  readonly error: unknown;
  /** Whether it carried credentials: clients first ask without any, which is no failure. */
  readonly hadCredentials: boolean;
}

interface Bound {
  count(amount?: number): void;
}

/** Counts requests. What is counted for the same labels is bound once: there are few of these, and many requests. */
export class RequestMetrics {
  readonly #metrics: RegistryMetrics;
  readonly #bound = new Map<string, Bound>();

  constructor(metrics: RegistryMetrics) {
    this.#metrics = metrics;
  }

  /** A request began; its end is told to {@link end}. */
  begin(): void {
    this.#metrics.add('requestsOpen', {}, 1);
  }

  /** A request ended. */
  end(request: MeasuredRequest): void {
    const { method, route = 'other', status, seconds, receivedBytes, sentBytes, error } = request;
    this.#metrics.add('requestsOpen', {}, -1);
    this.#bind('requests', { route, method, status: String(status) }).count();
    this.#bind('requestSeconds', { route, method }).count(seconds);
    if (receivedBytes > 0) this.#bind('receivedBytes', { route }).count(receivedBytes);
    if (sentBytes > 0) this.#bind('sentBytes', { route }).count(sentBytes);
    const reason = authReason(request);
    if (reason !== undefined) this.#metrics.add('authFailures', { reason });
    const fault = storeFault(error);
    if (fault !== undefined) this.#metrics.add('storeErrors', { code: fault.code });
  }

  #bind(name: 'requests' | 'requestSeconds' | 'receivedBytes' | 'sentBytes', labels: Record<string, string>): Bound {
    const key = `${name} ${labels['route']} ${labels['method']} ${labels['status']}`;
    const known = this.#bound.get(key);
    if (known !== undefined) return known;
    const bound = this.#metrics.bind(name, labels);
    if (this.#bound.size < mostBound) this.#bound.set(key, bound);
    return bound;
  }
}

/** More than real clients need; the labels come from requests, so there must be an end. */
const mostBound = 4000;

function authReason({ error, hadCredentials }: MeasuredRequest): string | undefined {
  const cause = error instanceof RegistryError ? error.cause : error;
  if (isRegistryAuthError(cause, 'TOO_MANY_ATTEMPTS')) return 'throttled';
  if (isRegistryAuthError(cause, 'AUTH_UNAVAILABLE')) return 'unavailable';
  if (!(error instanceof RegistryError)) return undefined;
  if (error.code === 'DENIED') return 'denied';
  return error.code === 'UNAUTHORIZED' && hadCredentials ? 'credentials' : undefined;
}

/** An error of a store, also where it became the cause of an answer. */
function storeFault(error: unknown): StoreError | undefined {
  if (error instanceof StoreError) return error;
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof StoreError ? cause : undefined;
}
