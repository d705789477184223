import { formatPath } from '../../codec/yaml/mistake.ts';
import { isObject, type JsonObject, type JsonValue } from '../../lang/jmespath/value.ts';
import type { KubernetesObject } from '../../kubernetes/model.ts';
import type { StructuralSchema } from '../../kubernetes/definition.ts';

/** What `kubectl apply` was given, as it writes it down itself. */
const applied = 'kubectl.kubernetes.io/last-applied-configuration';

/** Fields that are told, and levels that are looked into. */
const most = { fields: 20, depth: 40 } as const;

/** Whether anything is noted that could be compared. */
export function isApplied({ metadata }: KubernetesObject): boolean {
  return metadata.annotations?.[applied] !== undefined;
}

/**
 * Fields that somebody applied and that the API server did not keep, since the definition has none such: `spec.signatues`. Clients that ask
 * for strict validation are refused, others are warned, and those that show no warnings tell nobody (Kubernetes, "Field validation");
 * what is left of the policy asks for less than was meant. Only what `kubectl apply` noted can be told.
 *
 * @param schema of `spec`
 */
export function droppedFields({ metadata, ...object }: KubernetesObject, schema: StructuralSchema): readonly string[] {
  const text = metadata.annotations?.[applied];
  const noted = text === undefined ? undefined : parsed(text);
  const found: string[] = [];
  const given = noted?.['spec'];
  if (given !== undefined) collect(given, (object as JsonObject)['spec'] ?? null, schema, ['spec'], found);
  return found.slice(0, most.fields);
}

function collect(
  given: JsonValue,
  kept: JsonValue,
  schema: StructuralSchema,
  path: readonly (string | number)[],
  found: string[],
): void {
  if (path.length > most.depth || found.length >= most.fields) return;
  if (Array.isArray(given)) {
    const items = schema['items'];
    for (const [at, each] of (given as readonly JsonValue[]).entries()) {
      const own = Array.isArray(kept) ? ((kept as readonly JsonValue[])[at] ?? null) : null;
      if (items !== undefined) collect(each, own, items as StructuralSchema, [...path, at], found);
    }
    return;
  }
  const properties = schema['properties'] as Readonly<Record<string, StructuralSchema>> | undefined;
  if (!isObject(given) || properties === undefined) return;
  for (const [name, value] of Object.entries(given)) {
    const known = Object.hasOwn(properties, name) ? properties[name] : undefined;
    const own = isObject(kept) && Object.hasOwn(kept, name) ? kept[name] : undefined;
    if (known !== undefined) collect(value, own ?? null, known, [...path, name], found);
    else if (own === undefined && schema['x-kubernetes-preserve-unknown-fields'] !== true) {
      found.push(formatPath([...path, name]));
    }
  }
}

function parsed(text: string): JsonObject | undefined {
  try {
    const value = JSON.parse(text) as JsonValue;
    return isObject(value) ? value : undefined;
  } catch {
    // Anybody may write into it.
    return undefined;
  }
}
