import { parseGoUrl } from '../../node/go-url.ts';
import { isTrue, memberOf, membersOf, type PlainYaml, textsIn } from '../../node/plain-yaml.ts';
import { type Endpoint, endpointOf, upstreamEndpoint, upstreamHost } from '../../endpoint.ts';

/** The settings of one image host in a `registries.yaml`. */
export interface MirrorSettings {
  readonly endpoints: readonly string[];
}

/** A `registries.yaml` as far as it says where images come from. */
export interface RegistriesYaml {
  /** By image host; `*` is for hosts that are not named. */
  readonly mirrors: ReadonlyMap<string, MirrorSettings>;
  /** Endpoints that are no addresses. */
  readonly refused: readonly { readonly host: string; readonly text: string }[];
  /** Hosts whose credentials or certificates are set. */
  readonly configured: ReadonlySet<string>;
  /** Of these, hosts whose certificates are not verified. */
  readonly unverified: ReadonlySet<string>;
}

/** Takes a document apart. */
export function registriesYaml(document: PlainYaml | undefined): RegistriesYaml {
  const mirrors = new Map<string, MirrorSettings>();
  const refused: RegistriesYaml['refused'][number][] = [];
  for (const [host, value] of Object.entries(membersOf(memberOf(document, 'mirrors')))) {
    const given = textsIn(memberOf(value, 'endpoint'));
    const isAddress = (text: string): boolean => parseGoUrl(withSlashes(text)) !== undefined;
    mirrors.set(host, { endpoints: given.filter(isAddress) });
    refused.push(...given.filter((text) => !isAddress(text)).map((text) => ({ host, text })));
  }
  const configs = Object.entries(membersOf(memberOf(document, 'configs')));
  const settled = configs.filter(([, value]) =>
    ['auth', 'tls'].some((part) => (memberOf(value, part) ?? null) !== null),
  );
  const loose = configs.filter(([, value]) => isTrue(memberOf(memberOf(value, 'tls'), 'insecure_skip_verify')));
  return {
    mirrors,
    refused,
    configured: new Set(settled.map(([host]) => host)),
    unverified: new Set(loose.map(([host]) => host)),
  };
}

/**
 * Endpoints of images of a host (k3s `getHostConfigs`): its own entry, else that of `*`; then the upstream, unless that is switched
 * off. It stays switched on for a host with settings of its own under `configs`, whatever the switch says.
 */
export function endpointsOf(
  image: string,
  { mirrors, configured, unverified }: RegistriesYaml,
  noDefault: boolean,
): Endpoint[] {
  const own = configured.has(image);
  // An entry without endpoints leaves no file behind, so that the next one counts.
  const entries = [mirrors.get(image), own ? undefined : mirrors.get('*')];
  const listed = entries.find((entry) => (entry?.endpoints.length ?? 0) > 0)?.endpoints ?? [];
  const endpoints = listed.map((text) => mirrorOf(text, unverified));
  if (endpoints.length > 0 && noDefault && !own) return endpoints;
  const upstream = upstreamEndpoint(image);
  return endpoints.at(-1)?.url === upstream.url ? endpoints : [...endpoints, upstream];
}

/** An endpoint as k3s normalizes it: https unless it is this machine at an odd port, `/v2` where there is no path. */
function mirrorOf(text: string, unverified: ReadonlySet<string>): Endpoint {
  const { scheme, host, path } = parseGoUrl(withSlashes(text)) ?? { scheme: '', host: '', path: '' };
  const local = /^(?:localhost|127(?:\.\d+){3}|\[::1\])(?::(\d+))$/.exec(host);
  const usual = local !== null && local[1] !== '443' ? 'http' : 'https';
  const full = path === '' || path === '/' ? '/v2' : path;
  const endpoint = endpointOf(scheme === '' ? usual : scheme, upstreamHost(host), full, 'mirror');
  return unverified.has(host) ? { ...endpoint, unverified: true } : endpoint;
}

/** k3s `normalizeEndpointAddress`: what has no scheme begins with a host. */
function withSlashes(text: string): string {
  return text.includes('://') ? text : `//${text}`;
}
