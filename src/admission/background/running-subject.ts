import type { KubernetesObject, ResourceType } from '../../kubernetes/model.ts';
import { isObject, type JsonObject, type JsonValue, memberOf } from '../../lang/jmespath/value.ts';
import type { ResourceSubject } from '../../policy/resource/model.ts';
import { containerStatuses, runningDigests } from '../../workload/running-digests.ts';

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
  for (const [list, status] of Object.entries(containerStatuses)) {
    const containers = memberOf(spec, list);
    if (!Array.isArray(containers)) continue;
    const digests = runningDigests(memberOf(memberOf(pod, 'status'), status));
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
