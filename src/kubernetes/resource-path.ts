import { printable } from '../base/printable.ts';
import { KubernetesError } from './error.ts';
import { kubernetesLimits as limits } from './limits.ts';
import type { ResourceType } from './model.ts';

/** What a path of the API leads to. */
export interface ResourcePlace {
  /** Of all where it is absent. */
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  readonly subresource?: string | undefined;
}

/**
 * The path of a resource (API concepts, "Resource URIs"), without the server's address.
 *
 * @throws KubernetesError REQUEST_INVALID for what would lead to another place
 */
export function resourcePath(type: ResourceType, { namespace, name, subresource }: ResourcePlace): string {
  const { group, version, resource, namespaced } = type;
  if (!namespaced && namespace !== undefined) {
    throw new KubernetesError('REQUEST_INVALID', `${printable(resource)} are in no namespace; name none`);
  }
  return [
    group === '' ? '/api' : `/apis/${segment(group, 'group')}`,
    segment(version, 'version'),
    ...(namespace === undefined ? [] : ['namespaces', segment(namespace, 'namespace')]),
    segment(resource, 'resource'),
    ...(name === undefined ? [] : [segment(name, 'name')]),
    ...(subresource === undefined ? [] : subresource.split('/').map((part) => segment(part, 'subresource'))),
  ].join('/');
}

/**
 * One part of a path. Kubernetes lets names have what a path segment may have (apimachinery, "IsValidPathSegmentName"), and most are
 * DNS names; here nothing may stand that anything on the way could read as another path.
 */
function segment(text: string, what: string): string {
  if (text !== '' && text !== '.' && text !== '..' && text.length <= limits.nameLength && /^[\w.:@~+-]+$/.test(text)) {
    return encodeURIComponent(text);
  }
  throw new KubernetesError('REQUEST_INVALID', `"${printable(text)}" is no ${what} of a cluster; correct it`);
}
