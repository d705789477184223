import type { JsonObject, JsonValue } from '../../lang/jmespath/value.ts';
import type { Gathered } from '../../policy/evidence.ts';
import type { Lookup } from '../../policy/resource/policy.ts';
import type { ClusterFacts } from '../resource/model.ts';
import type { Suite } from './model.ts';
import { nameOf } from './subject-of.ts';

/** What surrounds objects in a suite: its values, and its other objects. What it does not give is not known. */
export function givenFacts({ values, objects }: Suite): ClusterFacts {
  const labels = new Map<string, JsonObject>();
  for (const object of objects) {
    const { kind, name } = nameOf(object);
    if (kind === 'Namespace') labels.set(name, labelsOf(object));
  }
  for (const { name, labels: own } of values.namespaceSelector ?? []) labels.set(name, own);
  const look = (lookup: Lookup): Gathered<JsonValue> => {
    if (lookup.kind === 'namespaceLabels') {
      const found = labels.get(lookup.namespace);
      return found === undefined
        ? notGiven(
            `the labels of the namespace "${lookup.namespace}"; give them in namespaceSelector of the values, or the Namespace in resources`,
          )
        : { state: 'known', value: found, at: 0 };
    }
    if (lookup.kind === 'roles') return notGiven('the roles of who asks; give them in a file that userinfo names');
    if (lookup.kind === 'configMap') {
      const found = objects.find((object) => {
        const { kind, namespace, name } = nameOf(object);
        return kind === 'ConfigMap' && namespace === lookup.namespace && name === lookup.name;
      });
      return found === undefined
        ? notGiven(
            `the ConfigMap ${lookup.namespace}/${lookup.name}; give it in resources, or what is in it as a value of the context's entry`,
          )
        : { state: 'known', value: found, at: 0 };
    }
    return notGiven(`${describe(lookup)}; give it as a value of the context's entry`);
  };
  return {
    look: (lookup) => Promise.resolve(look(lookup)),
    pullSecrets: () => Promise.resolve({ state: 'known', value: [], at: 0 }),
  };
}

function notGiven(what: string): Gathered<never> {
  return { state: 'unavailable', reason: `the test does not say ${what}` };
}

function describe(lookup: Exclude<Lookup, { readonly kind: 'namespaceLabels' | 'roles' | 'configMap' }>): string {
  switch (lookup.kind) {
    case 'api':
      return `what the API server has at ${lookup.path}`;
    case 'globalReference':
      return `what is kept as "${lookup.name}"`;
    default:
      return `the manifest and config of ${lookup.reference}`;
  }
}

function labelsOf(object: JsonObject): JsonObject {
  const { labels } = (object['metadata'] ?? {}) as { readonly labels?: JsonValue };
  const own = labels !== null && typeof labels === 'object' && !Array.isArray(labels) ? (labels as JsonObject) : {};
  // The API server itself adds it to each.
  return { 'kubernetes.io/metadata.name': nameOf(object).name, ...own };
}
