import type { Identity } from '../auth/identity.ts';
import type { Route } from '../route/route.ts';
import type { Call } from './call.ts';
import type { ServedRequest } from './served-request.ts';

/** What else a call brings. */
export type CallParts = Omit<Call, 'method' | 'request' | 'query' | 'signal'>;

/**
 * A call as endpoints see it. What few of them look at is made when they do; its getters are those of the class, since V8 keeps getters of
 * single objects, and with them the whole request, among the old at once.
 */
export class OpenCall implements Call {
  readonly method: string;
  readonly request: Call['request'];
  readonly route: Route;
  readonly identity: Identity;
  readonly content: Call['content'];
  readonly origin: Call['origin'];
  readonly journal: Call['journal'];
  readonly may: Call['may'];
  readonly refusal: Call['refusal'];
  readonly sees: Call['sees'];
  readonly #served: ServedRequest;
  readonly #query: string;

  /** @param query as it came, without its question mark */
  constructor(served: ServedRequest, query: string, parts: CallParts) {
    this.#served = served;
    this.#query = query;
    this.method = served.method;
    this.request = served.request;
    this.route = parts.route;
    this.identity = parts.identity;
    this.content = parts.content;
    this.origin = parts.origin;
    this.journal = parts.journal;
    this.may = parts.may;
    this.refusal = parts.refusal;
    this.sees = parts.sees;
  }

  get query(): URLSearchParams {
    return new URLSearchParams(this.#query);
  }

  get signal(): AbortSignal {
    return this.#served.signal;
  }
}
