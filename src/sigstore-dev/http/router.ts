import { RefusedError } from '../error.ts';
import type { ServiceName } from '../fault.ts';
import type { DevAnswer, DevRequest } from './message.ts';

/** One path of a service. A segment `:name` takes any text; a last segment `*name` takes all that is left. */
export interface Route {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly handle: (
    request: DevRequest,
    parameters: Readonly<Record<string, string>>,
  ) => DevAnswer | Promise<DevAnswer>;
}

/** A service: its routes, and how it words a refusal. */
export interface Service {
  readonly name: ServiceName;
  readonly routes: readonly Route[];
  readonly refuse: (error: RefusedError) => DevAnswer;
}

/** Where a request goes. */
export interface Destination {
  readonly service: Service;
  readonly route: Route;
  readonly parameters: Readonly<Record<string, string>>;
}

/** Finds the route of a request. @throws RefusedError */
export function findRoute(services: readonly Service[], method: string, pathname: string): Destination {
  let known = false;
  for (const service of services) {
    for (const route of service.routes) {
      const parameters = matchPath(route.path, pathname);
      if (parameters === undefined) continue;
      known = true;
      if (route.method === (method === 'HEAD' ? 'GET' : method)) return { service, route, parameters };
    }
  }
  if (known) throw new RefusedError('METHOD_UNKNOWN', `Nothing answers ${method} at this path`);
  throw new RefusedError('NOT_FOUND', 'Nothing is at this path');
}

/** The parameters of a path that matches a pattern; undefined when it does not. */
export function matchPath(pattern: string, pathname: string): Record<string, string> | undefined {
  const wanted = pattern.split('/');
  const given = pathname.split('/');
  const parameters: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    if (part.startsWith('*')) {
      const rest = given.slice(index).join('/');
      return rest === '' ? undefined : { ...parameters, [part.slice(1)]: rest };
    }
    const value = given[index];
    if (value === undefined) return undefined;
    if (part.startsWith(':')) {
      if (value === '') return undefined;
      parameters[part.slice(1)] = value;
    } else if (part !== value) return undefined;
  }
  return wanted.length === given.length ? parameters : undefined;
}
