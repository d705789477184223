import type { KubernetesObject, ResourceType } from '../../kubernetes/model.ts';
import { isObject, type JsonObject, type JsonValue, memberOf } from '../../lang/jmespath/value.ts';
import type { ResourceSubject } from '../../policy/resource/model.ts';

/** Lists of containers of a Pod, and where it says what runs of them (Kubernetes API, PodStatus). */
const statuses = {
  containers: 'containerStatuses',
  initContainers: 'initContainerStatuses',
  ephemeralContainers: 'ephemeralContainerStatuses',
} as const;

/**
 * An object as it is judged when it is looked over. Of a Pod, images are called by the digests that run, where its status tells one of a
 * registry and its own text does not name one: the name may stand for something else by now.
 */
export function runningSubject(found: KubernetesObject, type: ResourceType): ResourceSubject {
  const { group, version, kind } = type;
  const { name, namespace = '' } = found.metadata;
  const object = found as unknown as JsonObject;
  return {
    operation: 'audit',
    group,
    version,
    kind,
    subresource: '',
    namespace,
    name,
    object: group === '' && kind === 'Pod' ? byRunningDigests(object) : object,
  };
}

function byRunningDigests(pod: JsonObject): JsonObject {
  const spec = memberOf(pod, 'spec');
  if (!isObject(spec)) return pod;
  const changed: Record<string, JsonValue> = {};
  for (const [list, status] of Object.entries(statuses)) {
    const containers = memberOf(spec, list);
    if (!Array.isArray(containers)) continue;
    const digests = digestsOf(memberOf(memberOf(pod, 'status'), status));
    changed[list] = (containers as readonly JsonValue[]).map((each) => byDigest(each, digests));
  }
  return { ...pod, spec: { ...spec, ...changed } };
}

function byDigest(container: JsonValue, digests: ReadonlyMap<string, string>): JsonValue {
  const image = memberOf(container, 'image');
  const name = memberOf(container, 'name');
  if (!isObject(container) || typeof image !== 'string' || typeof name !== 'string' || image.includes('@'))
    return container;
  const digest = digests.get(name);
  return digest === undefined || image === '' ? container : { ...container, image: `${image}@${digest}` };
}

/** By container. An id without a repository is that of a config: of an image that came from no registry. */
function digestsOf(list: JsonValue): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  if (!Array.isArray(list)) return found;
  for (const each of list as readonly JsonValue[]) {
    const name = memberOf(each, 'name');
    const id = memberOf(each, 'imageID');
    if (typeof name !== 'string' || typeof id !== 'string') continue;
    const digest = /@(sha256:[0-9a-f]{64})$/.exec(id)?.[1];
    if (digest !== undefined) found.set(name, digest);
  }
  return found;
}
