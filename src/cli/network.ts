import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { AdvisoryError } from '../advisory/error.ts';
import type { FetchBytes } from '../advisory/fetch-bytes.ts';
import { errorMessage } from '../base/error.ts';
import type { Network, NetworkOptions, NetworkResponse } from '../net/network.ts';
import { openNetwork } from '../net/open-network.ts';
import { ConfigError } from './config/error.ts';
import type { Settings } from './config/settings.ts';
import type { Host } from './host.ts';
import { loggerOf } from './logger.ts';

/** The network as the user's settings and environment want it. */
export async function networkOf(settings: Settings, host: Host): Promise<Network> {
  return openNetwork(await networkOptionsOf(settings, host));
}

/** How the user's settings and environment want the network. */
export async function networkOptionsOf(
  settings: Pick<Settings, 'offline' | 'insecure' | 'plainHttp' | 'caCert' | 'debug'>,
  host: Pick<Host, 'env' | 'cwd' | 'version' | 'stderr'>,
): Promise<NetworkOptions> {
  const { env } = host;
  const authorities = await Promise.all(settings.caCert.map((name) => readAuthority(resolve(host.cwd, name))));
  const httpProxy = env['http_proxy'] ?? env['HTTP_PROXY'];
  const httpsProxy = env['https_proxy'] ?? env['HTTPS_PROXY'];
  const noProxy = env['no_proxy'] ?? env['NO_PROXY'];
  return {
    userAgent: `seaworthy/${host.version}`,
    offline: settings.offline,
    proxy: {
      ...(httpProxy === undefined ? {} : { http: httpProxy }),
      ...(httpsProxy === undefined ? {} : { https: httpsProxy }),
      ...(noProxy === undefined ? {} : { no: noProxy }),
    },
    tls: { authorities, insecureHosts: settings.insecure },
    plainHttpHosts: settings.plainHttp,
    logger: loggerOf(settings, host),
  };
}

async function readAuthority(name: string): Promise<{ readonly name: string; readonly pem: Buffer }> {
  try {
    return { name, pem: await readFile(name) };
  } catch (cause) {
    const message = `The certificates in ${name} cannot be read (${errorMessage(cause)}); check --ca-cert`;
    throw new ConfigError('SETTING_INVALID', message, { cause });
  }
}

/** Fetches whole documents for the feeds. What it gives throws AdvisoryError FEED_UNAVAILABLE, and what `net/` throws. */
export function fetchBytesOver(network: Network): FetchBytes {
  return async (url, { maxBytes, etag, signal }) => {
    const headers = etag === undefined ? {} : { 'if-none-match': etag };
    const response = await network.request({ url, headers, signal, limits: { maxBodyBytes: maxBytes } });
    if (response.status === 200) return { bytes: await readBody(response), ...etagOf(response) };
    response.discard();
    if (response.status === 304) return 'unchanged';
    if (response.status === 404) return 'missing';
    throw new AdvisoryError('FEED_UNAVAILABLE', `${url} answered ${response.status}; try again later or use a mirror`);
  };
}

async function readBody(response: NetworkResponse): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of response.body) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function etagOf(response: NetworkResponse): { readonly etag?: string } {
  const etag = response.headers.get('etag');
  return etag === undefined ? {} : { etag };
}
