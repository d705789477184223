import type { JsonSchema } from '../../codec/yaml/json-schema.ts';
import { type ReloadKind, reloadTable } from './reload.ts';
import type { SectionName } from './names.ts';
import { sectionNames } from './names.ts';
import { configJsonSchema } from './schema.ts';

/** One setting as documents list it. */
export interface ListedSetting {
  /** `auth.oidc[].issuer`: below `registry`, with `[]` for each entry of a list. */
  readonly path: string;
  /** As it is written; absent where nothing is assumed. */
  readonly usual?: string;
  readonly required: boolean;
  readonly help: string;
  readonly reload: ReloadKind;
}

/** Lists all settings, in the order of the schema. Loads the schema, so that only documents and their tests use it. */
export function listSettings(): ListedSetting[] {
  const registry = configJsonSchema().properties?.['registry']?.properties ?? {};
  return sectionNames.flatMap((name) => listUnder(name, registry[name] ?? {}, false, name));
}

function listUnder(path: string, schema: JsonSchema, required: boolean, section: SectionName): ListedSetting[] {
  const { properties, items, default: usual, description = '' } = schema;
  if (items?.properties !== undefined) return listUnder(`${path}[]`, items, false, section);
  if (properties !== undefined) {
    return Object.entries(properties).flatMap(([name, member]) =>
      listUnder(`${path}.${name}`, member, schema.required?.includes(name) === true, section),
    );
  }
  const shown = usual === undefined || (Array.isArray(usual) && usual.length === 0) ? undefined : usualText(usual);
  return [
    {
      path,
      ...(shown === undefined ? {} : { usual: shown }),
      required,
      help: description,
      reload: reloadTable[section],
    },
  ];
}

function usualText(usual: unknown): string | undefined {
  if (Array.isArray(usual)) return `[${usual.join(', ')}]`;
  return typeof usual === 'string' ? usual : undefined;
}
