import { type JsonValue, memberOf } from '../lang/jmespath/value.ts';
import type { Digest } from '../oci/digest.ts';

/** Lists of containers of a Pod, and where it says what runs of them (Kubernetes API, PodStatus). */
export const containerStatuses = {
  containers: 'containerStatuses',
  initContainers: 'initContainerStatuses',
  ephemeralContainers: 'ephemeralContainerStatuses',
} as const;

/**
 * The digests by which the containers of a list run, as its statuses tell. An id without a repository is that of a config: of an image
 * that came from no registry.
 *
 * @param statuses a list of ContainerStatus; what else it may be says nothing
 * @returns by the container's name
 */
export function runningDigests(statuses: JsonValue): ReadonlyMap<string, Digest> {
  const found = new Map<string, Digest>();
  if (!Array.isArray(statuses)) return found;
  for (const each of statuses as readonly JsonValue[]) {
    const name = memberOf(each, 'name');
    const id = memberOf(each, 'imageID');
    if (typeof name !== 'string' || typeof id !== 'string') continue;
    const digest = /@(sha256:[0-9a-f]{64})$/.exec(id)?.[1];
    if (digest !== undefined) found.set(name, digest as Digest);
  }
  return found;
}
