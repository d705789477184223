import type { Agent, ClientRequest, RequestOptions } from 'node:http';
import type { Duplex } from 'node:stream';
import type * as Tls from 'node:tls';
import type { SecureContext, SecureContextOptions } from 'node:tls';
import { NetError } from './error.ts';
import { bareHostname, effectivePort } from './host.ts';
import { IdleConnections } from './idle-connections.ts';
import { idleConnections, type RequestLimits } from './limits.ts';
import { proxyAuthorization } from './proxy.ts';
import { lookupWithin, type Reach } from './reach.ts';
import { sharedRead } from './shared-read.ts';
import type { TrustProfile } from './trust.ts';
import { openTunnel } from './tunnel.ts';

/** One request's line and headers, and the way to its host. */
export interface Route {
  readonly url: URL;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly proxy: URL | undefined;
  /** A local socket (or Windows named pipe) that takes the host's place. */
  readonly socketPath: string | undefined;
  readonly trust: TrustProfile | undefined;
  readonly limits: RequestLimits;
  /** Where connections may lead; anywhere where it is absent. */
  readonly reach: Reach | undefined;
  /** Connects to addresses of this family alone. Pools keep them apart by themselves. */
  readonly family: 4 | 6 | undefined;
}

/** The time is that of connections which nobody uses; requests have limits of their own. */
const keptAlive = { keepAlive: true, timeout: idleConnections.ms } as const;

type AgentOptions = Parameters<Agent['createConnection'] & object>[0];

/** Keeps connections alive between requests, one pool per way of connecting. */
export class Agents {
  readonly #agents = new Map<string, Agent>();
  readonly #idle = new IdleConnections(idleConnections.most);
  readonly #pooled = { ...keptAlive, onread: sharedRead() };

  /** Makes a request on a pooled connection. The modules behind it load on first use. */
  async prepare(route: Route): Promise<() => ClientRequest> {
    if (route.url.protocol === 'https:' && route.socketPath === undefined) return await this.#secure(route);
    const http = await import('node:http');
    const reach = reachOf(route);
    // Connections that were made with the check are kept apart: one that was made without it may lead anywhere.
    const key = reach === undefined ? 'plain' : `plain ${reach.key}`;
    const agent = this.#pool(key, () => new http.Agent(this.#pooled));
    const options = { ...plainOptions(route), agent, ...(await lookupOf(route.url, reach)) };
    return () => http.request(options);
  }

  async #secure(route: Route): Promise<() => ClientRequest> {
    const [https, tls] = await Promise.all([import('node:https'), import('node:tls')]);
    const { proxy, trust, limits } = route;
    const reach = reachOf(route);
    const agent = this.#pool(`${trust?.key} ${reach?.key ?? proxy?.href ?? 'direct'}`, () => {
      const context = trust?.context === undefined ? {} : { secureContext: secureContext(tls, trust.context) };
      const made = new https.Agent({
        ...this.#pooled,
        rejectUnauthorized: trust?.rejectUnauthorized !== false,
        ...(trust?.serverName === undefined ? {} : { servername: trust.serverName }),
        ...context,
      });
      if (proxy === undefined) return made;
      // The pool calls this for each new connection; what it hands over is a TLS session inside the proxy's tunnel.
      made.createConnection = (options: AgentOptions, done): Duplex | undefined => {
        openTunnel(proxy, String(options.host), Number(options.port), limits.connectMs).then(
          (socket) => done?.(null, tls.connect({ ...(options as object), socket })),
          (error: unknown) => done?.(error as Error, undefined as never),
        );
        return undefined;
      };
      return made;
    });
    const options = { ...baseOptions(route), agent, ...(await lookupOf(route.url, reach)) };
    return () => https.request(options);
  }

  /** Ends all connections; requests under way fail. */
  close(): void {
    for (const agent of this.#agents.values()) agent.destroy();
    this.#agents.clear();
  }

  #pool(key: string, make: () => Agent): Agent {
    let agent = this.#agents.get(key);
    if (agent === undefined) {
      agent = make();
      this.#idle.bound(agent);
      this.#agents.set(key, agent);
    }
    return agent;
  }
}

/** A proxy or a local socket is connected to by the settings' word, not by the URL's. */
function reachOf({ reach, proxy, socketPath }: Route): Reach | undefined {
  return proxy === undefined && socketPath === undefined ? reach : undefined;
}

async function lookupOf(url: URL, reach: Reach | undefined): Promise<Pick<RequestOptions, 'lookup'>> {
  return reach === undefined || reach.isExempt(url) ? {} : { lookup: await lookupWithin(reach) };
}

function secureContext(tls: Pick<typeof Tls, 'createSecureContext'>, options: SecureContextOptions): SecureContext {
  try {
    return tls.createSecureContext(options);
  } catch (error) {
    const sentence = 'the client certificate or its key cannot be used; give a PEM certificate with its own key';
    throw new NetError('TLS', '', sentence, { cause: error });
  }
}

function baseOptions({
  url,
  method,
  headers,
  limits,
  family,
}: Route): RequestOptions & { headers: Record<string, string> } {
  return {
    host: bareHostname(url),
    port: effectivePort(url),
    path: `${url.pathname}${url.search}`,
    method,
    headers: { ...headers, host: url.host },
    maxHeaderSize: limits.maxHeaderBytes,
    ...(family === undefined ? {} : { family }),
  };
}

function plainOptions(route: Route): RequestOptions {
  const options = baseOptions(route);
  if (route.socketPath !== undefined) return { ...options, socketPath: route.socketPath };
  if (route.proxy === undefined) return options;
  // A proxy for plain HTTP gets the whole address in the request line (RFC 9112, 3.2.2).
  const authorization = proxyAuthorization(route.proxy);
  const { headers } = baseOptions(route);
  if (authorization !== undefined) headers['proxy-authorization'] = authorization;
  return {
    ...options,
    host: bareHostname(route.proxy),
    port: effectivePort(route.proxy),
    path: `${route.url.origin}${route.url.pathname}${route.url.search}`,
    headers,
  };
}
