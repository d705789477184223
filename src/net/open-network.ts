import type { IncomingMessage } from 'node:http';
import { type Logger, silentLogger } from '../base/logger.ts';
import { Agents } from './agents.ts';
import { ResponseBody } from './body.ts';
import { type Clock, systemClock } from './clock.ts';
import { isNetError, NetError } from './error.ts';
import { type RequestBody, runExchange } from './exchange.ts';
import { isLoopback, listsHost } from './host.ts';
import { HostGate } from './host-gate.ts';
import { defaultLimits, defaultWidthPerHost, maxRedirects, type RequestLimits } from './limits.ts';
import type { Network, NetworkOptions, NetworkRequest, NetworkResponse } from './network.ts';
import { type ProxyChooser, proxyChooser } from './proxy.ts';
import { publicReach, type Reach } from './reach.ts';
import { redactUrl } from './redact.ts';
import { isRedirect, redirectHeaders, redirectTarget } from './redirect.ts';
import { backoffMs, failureRetries, maxRetryAfterMs, parseRetryAfter, retriedStatuses } from './retry.ts';
import { TlsTrust } from './trust.ts';

/** Opens the door. @throws NetError for settings that cannot be used */
export function openNetwork(options: NetworkOptions = {}): Network {
  return new NodeNetwork(options);
}

const idempotentMethods = new Set(['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS']);

interface Call {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: RequestBody | undefined;
  readonly socketPath: string | undefined;
  readonly limits: RequestLimits;
  readonly signal: AbortSignal | undefined;
  readonly reach: Reach | undefined;
  readonly plainHttpHosts: readonly string[];
  readonly family: 4 | 6 | undefined;
  readonly followRedirects: boolean;
}

class NodeNetwork implements Network {
  readonly clock: Clock;
  readonly #options: NetworkOptions;
  readonly #agents = new Agents();
  readonly #gate: HostGate;
  readonly #trust: TlsTrust;
  readonly #proxyFor: ProxyChooser;
  readonly #logger: Logger;

  constructor(options: NetworkOptions) {
    this.#options = options;
    this.clock = options.clock ?? systemClock;
    this.#gate = new HostGate(options.widthPerHost ?? defaultWidthPerHost, this.clock, options.rateOf);
    this.#trust = new TlsTrust(options.tls ?? {});
    this.#proxyFor = proxyChooser(options.proxy ?? {});
    this.#logger = options.logger ?? silentLogger;
  }

  async request(request: NetworkRequest): Promise<NetworkResponse> {
    const url = parseUrl(request.url);
    const method = request.method ?? 'GET';
    const call: Call = {
      method,
      headers: this.#headers(request, url),
      body: request.body,
      socketPath: request.socketPath,
      limits: { ...defaultLimits, ...this.#options.limits, ...request.limits },
      signal: request.signal,
      reach: request.reach ?? (request.publicOnly === true ? publicReach : undefined),
      plainHttpHosts: request.plainHttpHosts ?? [],
      family: request.family,
      followRedirects: request.followRedirects !== false,
    };
    const again = request.idempotent ?? idempotentMethods.has(method);
    for (let retry = 0; ; retry += 1) {
      let pause: number | undefined;
      try {
        const response = await this.#follow(url, call);
        pause = again ? this.#pause(response, retry) : undefined;
        if (pause === undefined) return response;
        response.discard();
      } catch (error) {
        if (!again || !isNetError(error) || retry >= failureRetries(error)) throw error;
        pause = backoffMs(retry, this.clock);
      }
      this.#logger.debug('request is sent again', { method, url: redactUrl(url), pauseMs: Math.round(pause) });
      await this.clock.sleep(pause, call.signal);
    }
  }

  plainHttp(host: string): 'asked' | 'either' | 'loopback' | undefined {
    const url = URL.parse(`http://${host}/`);
    if (url === null) return undefined;
    const { plainHttpHosts = [], tls } = this.#options;
    if (listsHost(plainHttpHosts, url)) return listsHost(tls?.insecureHosts ?? [], url) ? 'either' : 'asked';
    return isLoopback(url.hostname) ? 'loopback' : undefined;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#agents.close();
    return Promise.resolve();
  }

  #headers(request: NetworkRequest, url: URL): Record<string, string> {
    const headers: Record<string, string> = { 'user-agent': this.#options.userAgent ?? 'seaworthy', accept: '*/*' };
    for (const [name, value] of Object.entries(request.headers ?? {})) headers[name.toLowerCase()] = value;
    if (request.body instanceof Uint8Array) headers['content-length'] = String(request.body.length);
    if (url.username !== '' || url.password !== '') {
      const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
      headers['authorization'] ??= `Basic ${Buffer.from(pair).toString('base64')}`;
    }
    return headers;
  }

  /** How long to wait before asking again; undefined when the answer stands. */
  #pause(response: NetworkResponse, retry: number): number | undefined {
    if (retry >= (retriedStatuses[response.status] ?? 0)) return undefined;
    const asked = parseRetryAfter(response.headers.get('retry-after'), this.clock.now());
    if (asked === undefined) return backoffMs(retry, this.clock);
    if (asked > maxRetryAfterMs) return undefined;
    if (response.status === 429) this.#gate.hold(response.url.host, asked);
    return asked;
  }

  async #follow(start: URL, call: Call): Promise<NetworkResponse> {
    let url = start;
    let { headers } = call;
    for (let hops = 0; ; hops += 1) {
      const response = await this.#send(url, { ...call, headers });
      const location = response.headers.get('location');
      if (!call.followRedirects || location === undefined || !isRedirect(response.status, call.method)) return response;
      response.discard();
      if (hops === maxRedirects) {
        throw new NetError('REDIRECT', start.host, `${start.host} redirected more than ${maxRedirects} times`);
      }
      const next = redirectTarget(url, location);
      headers = redirectHeaders(headers, url, next);
      url = next;
    }
  }

  async #send(url: URL, call: Call): Promise<NetworkResponse> {
    this.#allow(url, call);
    const host = call.socketPath ?? url.host;
    const leave = await this.#gate.enter(host, call.signal);
    try {
      const start = this.clock.monotonic();
      const message = await this.#reach(url, call, host);
      const headers = headerMap(message);
      const status = message.statusCode ?? 0;
      this.#logger.debug('request', {
        method: call.method,
        url: redactUrl(url),
        status,
        milliseconds: Math.round(this.clock.monotonic() - start),
      });
      const { limits, signal } = call;
      const body = new ResponseBody(message, {
        host,
        method: call.method,
        limits,
        clock: this.clock,
        signal,
        onEnd: leave,
      });
      return { status, headers, url, body, discard: () => body.discard() };
    } catch (error) {
      leave();
      throw error;
    }
  }

  async #reach(url: URL, call: Call, host: string): Promise<IncomingMessage> {
    const local = call.socketPath !== undefined;
    const proxy = local ? undefined : this.#proxyFor(url);
    for (;;) {
      const trust = url.protocol === 'https:' && !local ? await this.#trust.profile(url) : undefined;
      const { method, headers, socketPath, limits, body, signal, reach, family } = call;
      const route = { url, method, headers, proxy, socketPath, trust, limits, reach, family };
      const start = await this.#agents.prepare(route);
      try {
        return await runExchange({ host, body, limits, signal, start });
      } catch (error) {
        if (!(error instanceof NetError) || trust === undefined || !this.#trust.widen(error, trust)) throw error;
      }
    }
  }

  #allow(url: URL, call: Call): void {
    if (call.socketPath !== undefined) return;
    if (this.#options.offline === true) {
      throw new NetError('OFFLINE', url.host, `${url.host} was not asked because this program runs offline`);
    }
    const { reach } = call;
    if (reach !== undefined && !reach.isExempt(url) && reach.refuses(url.hostname)) throw reach.refusal(url.host);
    const isPlain = url.protocol === 'http:' && !listsHost(call.plainHttpHosts, url);
    if (isPlain && this.plainHttp(url.host) === undefined) {
      const sentence = `${url.host} would be asked over plain HTTP; use https, or allow plain HTTP for that host`;
      throw new NetError('INSECURE', url.host, sentence);
    }
  }
}

function parseUrl(text: string | URL): URL {
  const url = URL.parse(String(text));
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    const shown = url === null ? 'what was to be fetched' : redactUrl(url);
    throw new NetError('URL_INVALID', url?.host ?? '', `${shown} is not an http or https address`);
  }
  return url;
}

function headerMap(message: IncomingMessage): Map<string, string> {
  const headers = new Map<string, string>();
  for (const [name, values] of Object.entries(message.headersDistinct)) {
    if (values !== undefined) headers.set(name, values.join(', '));
  }
  return headers;
}
