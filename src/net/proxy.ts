import { BlockList, isIP } from 'node:net';
import { NetError } from './error.ts';
import { bareHostname, effectivePort, isLoopback } from './host.ts';
import { redactUrl } from './redact.ts';

/** The values of the usual environment variables HTTP_PROXY, HTTPS_PROXY and NO_PROXY, read by the caller. */
export interface ProxySettings {
  readonly http?: string;
  readonly https?: string;
  readonly no?: string;
}

/** Finds the proxy for a URL; undefined when the host is asked directly. */
export type ProxyChooser = (url: URL) => URL | undefined;

/**
 * Reads proxy settings as curl and Go's `http.ProxyFromEnvironment` do: loopback is never proxied; a NO_PROXY entry is
 * `*`, a domain (itself and all below), `.domain` or `*.domain` (all below), an address or a CIDR block, each with an
 * optional port.
 *
 * @throws NetError PROXY for an address that is no `http:` or `https:` URL
 */
export function proxyChooser(settings: ProxySettings): ProxyChooser {
  const http = parseProxy(settings.http);
  const https = parseProxy(settings.https);
  const bypasses = (settings.no ?? '')
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .map(parseBypass);
  return (url) => {
    const proxy = url.protocol === 'https:' ? https : http;
    if (proxy === undefined || isLoopback(url.hostname)) return undefined;
    return bypasses.some((matches) => matches(url)) ? undefined : proxy;
  };
}

/** The `Proxy-Authorization` value for the user information in a proxy's URL (RFC 7617); undefined without any. */
export function proxyAuthorization(proxy: URL): string | undefined {
  if (proxy.username === '' && proxy.password === '') return undefined;
  const pair = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
  return `Basic ${Buffer.from(pair).toString('base64')}`;
}

function parseProxy(text: string | undefined): URL | undefined {
  if (text === undefined || text.trim() === '') return undefined;
  const trimmed = text.trim();
  const url = URL.parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(trimmed) ? trimmed : `http://${trimmed}`);
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:') || url.hostname === '') {
    const shown = url === null ? 'the proxy setting' : redactUrl(url);
    throw new NetError('PROXY', url?.host ?? '', `${shown} is not a proxy this program can use; give http://host:port`);
  }
  return url;
}

function parseBypass(entry: string): (url: URL) => boolean {
  if (entry === '*') return () => true;
  const text = entry.toLowerCase();
  const block = /^(.+)\/(\d{1,3})$/.exec(text);
  if (block !== null) return cidrBypass(block[1] as string, Number(block[2]));
  const bracketed = /^\[([^\]]+)\](?::(\d+))?$/.exec(text);
  const ported = isIP(text) === 6 ? null : /^(.*):(\d+)$/.exec(text);
  const port = bracketed?.[2] ?? ported?.[2];
  const name = bracketed?.[1] ?? ported?.[1] ?? text;
  const onPort = (url: URL): boolean => port === undefined || effectivePort(url) === Number(port);
  const domain = name.replace(/^\*?\./, '');
  const belowOnly = domain !== name;
  return (url) => {
    const host = bareHostname(url).toLowerCase().replace(/\.$/, '');
    if (!onPort(url)) return false;
    return (!belowOnly && host === domain) || (isIP(domain) === 0 && host.endsWith(`.${domain}`));
  };
}

function cidrBypass(address: string, bits: number): (url: URL) => boolean {
  const family = isIP(address);
  if (family === 0 || bits > (family === 4 ? 32 : 128)) return () => false;
  const list = new BlockList();
  list.addSubnet(address, bits, family === 4 ? 'ipv4' : 'ipv6');
  return (url) => {
    const host = bareHostname(url);
    const hostFamily = isIP(host);
    return hostFamily !== 0 && list.check(host, hostFamily === 4 ? 'ipv4' : 'ipv6');
  };
}
