import type { StructuralSchema } from '../../kubernetes/definition.ts';

type Schema = Readonly<Record<string, unknown>>;

/** What says the same in both. Defaults are left to whoever reads the object: as they are written into it, nobody could change them. */
const kept = [
  'description',
  'enum',
  'pattern',
  'format',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'minimum',
  'maximum',
  'required',
] as const;

/** Anything at all. Whoever reads it says what is wrong with it. */
const anything = { 'x-kubernetes-preserve-unknown-fields': true } as const;

/**
 * A JSON Schema as the definition of a custom resource takes it: each place has one type, and nothing is referred to (Kubernetes,
 * "Specifying a structural schema"). A place that may be of several types may be anything; of several forms of an object, it may
 * have the members of all.
 */
export function structuralSchema(schema: unknown): StructuralSchema {
  const given = (schema ?? {}) as Schema;
  const choices = (given['anyOf'] ?? given['oneOf']) as readonly Schema[] | undefined;
  const described = typeof given['description'] === 'string' ? { description: given['description'] } : {};
  if (choices !== undefined) return { ...ofChoices(choices), ...described };
  const same = Object.fromEntries(kept.flatMap((name) => (name in given ? [[name, given[name]]] : [])));
  switch (given['type']) {
    case 'object':
      return { type: 'object', ...same, ...membersOf(given) };
    case 'array':
      return { type: 'array', ...same, items: structuralSchema(given['items']) };
    case 'string':
    case 'boolean':
    case 'integer':
    case 'number':
      return { type: given['type'], ...same };
    default:
      return { ...anything, ...described };
  }
}

function membersOf({ properties, additionalProperties }: Schema): StructuralSchema {
  if (properties === undefined) {
    return isOpen(additionalProperties) ? anything : { additionalProperties: structuralSchema(additionalProperties) };
  }
  const members = Object.entries(properties as Schema).map(
    ([name, member]) => [name, structuralSchema(member)] as const,
  );
  return { properties: Object.fromEntries(members), ...(isOpenBeside(additionalProperties) ? anything : {}) };
}

function isOpen(additional: unknown): boolean {
  return typeof additional !== 'object' || additional === null || Object.keys(additional).length === 0;
}

function isOpenBeside(additional: unknown): boolean {
  return additional !== undefined && additional !== false;
}

function ofChoices(choices: readonly Schema[]): StructuralSchema {
  const all = choices.map(structuralSchema);
  const [first] = all;
  if (first === undefined || !all.every(({ type }) => type !== undefined && type === first['type'])) return anything;
  if (first['type'] !== 'object') return { type: first['type'] };
  const properties: Record<string, unknown> = {};
  for (const choice of all) {
    for (const [name, member] of Object.entries((choice['properties'] ?? {}) as Schema)) {
      const known = properties[name];
      properties[name] = known === undefined || JSON.stringify(known) === JSON.stringify(member) ? member : anything;
    }
  }
  return { type: 'object', properties };
}
