import { type Endpoint, endpointHost, endpointOf, type Route, upstreamEndpoint } from '../../endpoint.ts';

/**
 * The way of images of a host by the older settings (containerd `registryEndpoints`): the host's own mirrors or those of `*`, then
 * always the upstream, unless a mirror has the very name of the image host.
 */
export function resolveByMirrors(image: string, mirrors: ReadonlyMap<string, readonly string[]>, file: string): Route {
  const listed = mirrors.get(image) ?? mirrors.get('*') ?? [];
  const endpoints = listed.map((text): Endpoint => {
    const match = /^([A-Za-z][A-Za-z0-9+.-]*):\/\/([^/?#]*)([^?#]*)/.exec(text);
    const [, scheme = 'https', authority = text.split('/', 1)[0] as string, path = ''] = match ?? [];
    return endpointOf(scheme.toLowerCase(), authority, path === '' ? '/v2' : path, 'mirror');
  });
  if (endpoints.some(({ host }) => host === endpointHost(image, 'https'))) {
    return { image, outcome: 'asked', endpoints, file, findings: [] };
  }
  return { image, outcome: 'asked', endpoints: [...endpoints, upstreamEndpoint(image)], file, findings: [] };
}
