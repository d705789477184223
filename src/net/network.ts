import type { Logger } from '../base/logger.ts';
import type { Clock } from './clock.ts';
import type { RequestBody } from './exchange.ts';
import type { RequestLimits } from './limits.ts';
import type { ProxySettings } from './proxy.ts';
import type { Reach } from './reach.ts';
import type { TlsSettings } from './trust.ts';
import type { RateLimitOptions } from './rate-limit.ts';

/** How to reach the network; one value for a whole command or server. */
export interface NetworkOptions {
  /** Sent as `User-Agent`. */
  readonly userAgent?: string;
  /** Refuses every request but those to local sockets. */
  readonly offline?: boolean;
  readonly proxy?: ProxySettings;
  readonly tls?: TlsSettings;
  /** `host` or `host:port` entries that may be asked without TLS; loopback always may. */
  readonly plainHttpHosts?: readonly string[];
  readonly limits?: Partial<RequestLimits>;
  /** Requests under way to one host at a time. */
  readonly widthPerHost?: number;
  /** How often a host (`name`, `name:port`) is asked, at most; undefined where that does not matter. */
  readonly rateOf?: (host: string) => RateLimitOptions | undefined;
  readonly clock?: Clock;
  readonly logger?: Logger;
}

/** What to ask. */
export interface NetworkRequest {
  readonly method?: string;
  /** `http:` or `https:`. User information in it becomes Basic authorization. */
  readonly url: string | URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: RequestBody;
  readonly signal?: AbortSignal | undefined;
  /** Sends to this local socket instead of the URL's host. */
  readonly socketPath?: string;
  /** False hands a redirect over as the answer, for services that have no reason to send anybody elsewhere. */
  readonly followRedirects?: boolean;
  /** Whether the request may be sent twice; by default what RFC 9110 (9.2.2) says of the method. */
  readonly idempotent?: boolean;
  /**
   * Refuses to connect to addresses of this machine and of private networks (NetError DENIED), whatever name led there. What
   * a name means is looked at when it is connected to, so that a second answer of its resolver changes nothing. Behind a
   * proxy, which resolves names itself, only addresses in the URL are refused.
   */
  readonly publicOnly?: boolean;
  /** Connects only where this lets requests lead, in the place of `publicOnly`. */
  readonly reach?: Reach;
  /** `host` or `host:port` entries that may be asked without TLS, besides those of the whole network. */
  readonly plainHttpHosts?: readonly string[];
  /** Connects to addresses of this family alone; behind a proxy, which resolves names itself, to the proxy's. */
  readonly family?: 4 | 6 | undefined;
  readonly limits?: Partial<RequestLimits>;
}

/** What was answered. Its body is to be read to the end or discarded: until then it keeps its place at the host. */
export interface NetworkResponse {
  readonly status: number;
  /** Names in lower case; repeated ones joined with a comma. */
  readonly headers: ReadonlyMap<string, string>;
  /** Where the answer came from, after redirects. */
  readonly url: URL;
  /** Throws {@link NetError} or the signal's reason when the bytes stop coming. */
  readonly body: AsyncIterable<Uint8Array>;
  discard(): void;
}

/** The only door to the network. */
export interface Network extends AsyncDisposable {
  readonly clock: Clock;
  /**
   * Sends a request; follows redirects of GET and HEAD unless that is refused, and retries as the table in `retry.ts` says. An HTTP error
   * status is an answer, not a throw.
   *
   * @throws NetError, or the signal's reason when it was aborted
   */
  request(request: NetworkRequest): Promise<NetworkResponse>;
  /**
   * Whether a host may be asked without TLS: because someone asked for that, or because it is this machine. `either` is a
   * host for which someone asked for that, and for TLS with any certificate as well.
   */
  plainHttp(host: string): 'asked' | 'either' | 'loopback' | undefined;
}
