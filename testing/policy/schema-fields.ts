import type { JsonSchema } from '../../src/codec/yaml/json-schema.ts';

/**
 * The fields that a schema takes, as `attestors[].entries[].keys.kms`, down to values that have no fields of their own.
 *
 * @param isWhole whether a field is told as one, whatever it has in it: sets in sets, and what another table is about
 */
export function fieldsOf(schema: JsonSchema, isWhole: (field: string) => boolean): readonly string[] {
  const found: string[] = [];
  const walk = (node: JsonSchema, field: string): void => {
    const { $ref, properties, items } = node;
    if (isWhole(field)) found.push(field);
    else if ($ref !== undefined) walk(schema.$defs?.[$ref.slice('#/$defs/'.length)] ?? {}, field);
    else if (properties !== undefined) {
      for (const [name, each] of Object.entries(properties)) walk(each, field === '' ? name : `${field}.${name}`);
    } else if (items !== undefined && hasFields(items)) walk(items, `${field}[]`);
    else found.push(field);
  };
  walk(schema, '');
  return found;
}

function hasFields({ $ref, properties }: JsonSchema): boolean {
  return $ref !== undefined || properties !== undefined;
}
