import type { ServeSetting } from './serve-settings.ts';
import { valueComments } from './values.ts';

/** A part of a schema of JSON: only what is looked at. */
interface Schema {
  description?: string;
  properties?: Record<string, Schema>;
  [field: string]: unknown;
}

const kinds: Readonly<Record<ServeSetting['kind'], Schema>> = {
  switch: { type: 'boolean' },
  text: { type: 'string' },
  texts: { type: 'array', uniqueItems: true, items: { type: 'string', minLength: 1 } },
};

/** A text that is empty is not given. */
function schemaOf({ kind, choices }: ServeSetting): Schema {
  return choices === undefined ? { ...kinds[kind] } : { ...kinds[kind], enum: ['', ...choices] };
}

/** The schema as it is to be: what is written by hand as it is, the flags of the command, and what values.yaml says of each value. */
export function schemaText(now: string, values: string, all: ReadonlyMap<string, readonly ServeSetting[]>): string {
  const schema = JSON.parse(now) as Schema;
  for (const [part, settings] of all) {
    const own = schema.properties?.[part]?.properties;
    if (own === undefined) throw new Error(`the schema of the values has no \`${part}\``);
    own['settings'] = {
      type: 'object',
      additionalProperties: false,
      properties: Object.fromEntries(settings.map((setting) => [setting.name, schemaOf(setting)])),
    };
  }
  const comments = valueComments(values);
  describe(schema, '', comments);
  return `${JSON.stringify(schema, null, 2)}\n`;
}

function describe(schema: Schema, path: string, comments: ReadonlyMap<string, string>): void {
  const { properties = {} } = schema;
  for (const [name, part] of Object.entries(properties)) {
    const place = path === '' ? name : `${path}.${name}`;
    const { description: _, ...rest } = part;
    const told = comments.get(place);
    properties[name] = told === undefined ? rest : { description: told, ...rest };
    describe(properties[name], place, comments);
  }
}
