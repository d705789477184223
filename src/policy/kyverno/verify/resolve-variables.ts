import { LangError } from '../../../lang/error.ts';
import { type JsonValue, objectOf } from '../../../lang/jmespath/value.ts';
import type { KyvernoVerification } from '../document/verification/model.ts';
import { parseTemplate } from '../variables/parse-template.ts';
import { substitute } from '../variables/substitute.ts';
import type { Search } from '../variables/template.ts';

/**
 * An entry with the values of variables in their places, but for conditions and the message of `validate`, which see the statements of
 * an image. What stands where a text belongs must become a text: whoever writes a ConfigMap makes no list of keys of it, and no switch.
 *
 * @throws LangError what `search` throws, EVALUATION for what gives no text
 */
export function resolveVariables(entry: KyvernoVerification, search: Search): KyvernoVerification {
  const { attestations, validate, ...rest } = entry;
  const resolved = walk(rest as unknown as JsonValue, search) as unknown as KyvernoVerification;
  return {
    ...resolved,
    ...(validate === undefined ? {} : { validate }),
    ...(attestations === undefined
      ? {}
      : {
          attestations: attestations.map(({ conditions, ...own }) => ({
            ...(walk(own as unknown as JsonValue, search) as unknown as typeof own),
            ...(conditions === undefined ? {} : { conditions }),
          })),
        }),
  };
}

/** Whether an entry has variables in what `resolveVariables` looks at. @throws LangError for one that cannot be read */
export function hasOpenVariables(entry: KyvernoVerification): boolean {
  return openTemplateOf(entry) !== undefined;
}

/** The first text with variables in what `resolveVariables` looks at. @throws LangError for one that cannot be read */
export function openTemplateOf({
  attestations = [],
  validate: _validate,
  ...rest
}: KyvernoVerification): string | undefined {
  const own = attestations.map(({ conditions: _conditions, ...each }) => each);
  return firstTemplate([rest, ...own] as unknown as JsonValue);
}

function firstTemplate(value: JsonValue): string | undefined {
  if (typeof value === 'string') return value.includes('{{') && parseTemplate(value).length > 0 ? value : undefined;
  if (value === null || typeof value !== 'object') return undefined;
  for (const [name, each] of Object.entries(value)) {
    const found = firstTemplate(name) ?? firstTemplate(each);
    if (found !== undefined) return found;
  }
  return undefined;
}

function walk(value: JsonValue, search: Search): JsonValue {
  if (typeof value === 'string') return textOf(value, search);
  if (Array.isArray(value)) return (value as readonly JsonValue[]).map((each) => walk(each, search));
  if (value === null || typeof value !== 'object') return value;
  return objectOf(Object.entries(value).map(([name, each]) => [textOf(name, search), walk(each, search)] as const));
}

function textOf(text: string, search: Search): string {
  if (!text.includes('{{')) return text;
  const found = substitute(text, search);
  if (typeof found === 'string') return found;
  const shown = JSON.stringify(text.slice(0, 60));
  throw new LangError('EVALUATION', `The variable in ${shown} gives ${found === null ? 'nothing' : 'no text'}`);
}
