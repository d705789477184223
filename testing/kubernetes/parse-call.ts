import type { IncomingMessage } from 'node:http';
import type { AskedCall } from './faults.ts';
import type { FakeType } from './resource-types.ts';
import type { User } from './users.ts';

/** A request, and the type that it is about; undefined where it is about none, or none that there is. */
export interface ParsedCall extends AskedCall {
  readonly type: FakeType | undefined;
  readonly dryRun: boolean;
}

const verbs: Readonly<Record<string, string>> = { POST: 'create', PUT: 'update', PATCH: 'patch', DELETE: 'delete' };

/** Reads the line of a request (Kubernetes documentation, "API concepts", "Resource URIs"). */
export function parseCall(
  request: IncomingMessage,
  types: ReadonlyMap<string, FakeType>,
  user: User | undefined,
): ParsedCall {
  const url = new URL(request.url ?? '/', 'https://fake');
  const query = Object.fromEntries(url.searchParams);
  const parts = url.pathname.split('/').slice(1).map(decodeURIComponent);
  const isCore = parts[0] === 'api';
  const [group = '', version = ''] = isCore ? ['', parts[1]] : [parts[1], parts[2]];
  let rest = parts.slice(isCore ? 2 : 3);
  let namespace = '';
  // `/namespaces/a` is a namespace, and `/namespaces/a/pods` is in it.
  if (rest[0] === 'namespaces' && rest.length > 2 && !(isCore && rest[2] === 'status')) {
    namespace = rest[1] ?? '';
    rest = rest.slice(2);
  }
  const [resource = '', name = '', ...sub] = parts[0] === 'api' || parts[0] === 'apis' ? rest : [];
  const type = types.get(`${group}/${version}/${resource}`);
  const method = request.method ?? 'GET';
  const isWatch = query['watch'] === 'true' || query['watch'] === '1';
  const reading = isWatch ? 'watch' : name === '' ? 'list' : 'get';
  return {
    method,
    verb: resource === '' ? '' : (verbs[method] ?? reading),
    path: url.pathname,
    query,
    resource,
    subresource: sub.join('/'),
    namespace,
    name,
    user,
    authorization: request.headers.authorization,
    type,
    dryRun: query['dryRun'] === 'All',
  };
}
