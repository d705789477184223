import type { JsonObject, JsonValue } from '../../lang/jmespath/value.ts';
import type { Named } from './document/model.ts';

/** The parts of a name of a variable: `a."b.c".d` has three. */
export function partsOf(name: string): readonly string[] {
  return [...name.matchAll(/"([^"]*)"|([^.]+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
}

/** Values as they lie within each other, by the first parts of their names. */
export function nested(values: Named): Readonly<Record<string, JsonValue>> {
  let made: JsonObject = {};
  for (const [name, value] of Object.entries(values)) made = withMember(made, partsOf(name), value);
  return made;
}

/** An object with another value at a place; what is on the way there and no object is replaced. */
export function withMember(object: JsonObject, [first, ...rest]: readonly string[], value: JsonValue): JsonObject {
  if (first === undefined) return object;
  const own = Object.hasOwn(object, first) ? object[first] : undefined;
  const inner = own !== null && typeof own === 'object' && !Array.isArray(own) ? (own as JsonObject) : {};
  const made = rest.length === 0 ? value : withMember(inner, rest, value);
  return Object.fromEntries([...Object.entries(object).filter(([name]) => name !== first), [first, made]]);
}

/**
 * A policy of Kyverno in which entries of contexts, wherever they stand, have given values in place of what they would look up.
 *
 * @param valuesOf of a rule, by the names of entries
 */
export function withContextValues(
  policy: JsonObject,
  valuesOf: (rule: string) => Readonly<Record<string, JsonValue>>,
): JsonObject {
  const spec = policy['spec'] as JsonObject | undefined;
  const rules = spec?.['rules'];
  if (!Array.isArray(rules)) return policy;
  const made = (rules as readonly JsonValue[]).map((rule) => {
    const { name } = (rule ?? {}) as { readonly name?: JsonValue };
    return replaced(rule, valuesOf(typeof name === 'string' ? name : ''));
  });
  return { ...policy, spec: { ...spec, rules: made } };
}

function replaced(value: JsonValue, values: Readonly<Record<string, JsonValue>>): JsonValue {
  if (Array.isArray(value)) return (value as readonly JsonValue[]).map((each) => replaced(each, values));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value as JsonObject).map(([name, member]) => [
      name,
      name === 'context' && Array.isArray(member)
        ? (member as readonly JsonValue[]).map((entry) => entryWith(entry, values))
        : replaced(member, values),
    ]),
  );
}

function entryWith(entry: JsonValue, values: Readonly<Record<string, JsonValue>>): JsonValue {
  const { name } = (entry ?? {}) as { readonly name?: JsonValue };
  if (typeof name !== 'string' || !Object.hasOwn(values, name)) return entry;
  return { name, variable: { value: values[name] ?? null } };
}
