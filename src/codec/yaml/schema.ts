import { z } from 'zod';
import { parseByteSize } from '../../base/byte-size.ts';
import { parseDuration } from '../../base/duration.ts';
import { printable } from '../../base/printable.ts';
import { suggest } from '../../base/suggest.ts';
import type { JsonSchema } from './json-schema.ts';
import { yamlLimits } from './limits.ts';

type Json = Readonly<Record<string, unknown>>;

/** What a schema takes, for whoever explains what is wrong (`explainIssue`); what JSON Schema cannot say may be anything there. */
export function jsonSchemaOf(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
}

/** A value as a message repeats it, which may go into logs: what stands before the host of an address is hidden. */
function shown(text: string): string {
  const scheme = text.indexOf('://');
  // The last one, since people write passwords as they are.
  const at = text.lastIndexOf('@');
  return printable(scheme === -1 || at < scheme ? text : `${text.slice(0, scheme)}://***${text.slice(at)}`);
}

/** Reads a plain value; `parse` gives undefined for what it is not. */
export function value<Value>(
  expected: string,
  parse: (text: string) => Value | undefined,
  json: Json = {},
): z.ZodType<Value> {
  return z
    .string()
    .transform((text, context): Value => {
      const read = parse(text);
      if (read !== undefined) return read;
      context.addIssue(`cannot be "${shown(text)}"; write ${expected}`);
      return z.NEVER;
    })
    .meta({ type: 'string', ...json });
}

/** A plain value that may be wrong in several ways: `judge` says what is wrong, or nothing. */
export function judged(judge: (text: string) => string | undefined): z.ZodType<string> {
  return z
    .string()
    .transform((text, context): string => {
      const wrong = text.length > yamlLimits.text ? 'it is far too long' : judge(text);
      if (wrong !== undefined) context.addIssue(`cannot be "${shown(text)}": ${wrong}`);
      return text;
    })
    .meta({ type: 'string' });
}

/** What editors take for a duration. */
export const durationPattern = '^([0-9.]+(ns|us|µs|ms|s|m|h|d|w))+$';

/** On or off. */
export const flag: z.ZodType<boolean> = value(
  'true or false',
  (text) => (text === 'true' ? true : text === 'false' ? false : undefined),
  { type: ['boolean', 'string'], enum: [true, false, 'true', 'false'] },
);

/** A whole number within bounds. */
export function count(least: number, most: number): z.ZodType<number> {
  return value(
    `a whole number from ${least} to ${most}`,
    (text) => within(/^\d{1,15}$/.test(text) ? Number(text) : undefined, least, most),
    { type: ['integer', 'string'], minimum: least, maximum: most, pattern: '^[0-9]{1,15}$' },
  );
}

/** Milliseconds, written as `30d`, `12h`, `90s`. */
export function duration(least: number, most: number): z.ZodType<number> {
  const bounds = `from ${shortDuration(least)} to ${shortDuration(most)}`;
  return value(`a duration such as 90s, 12h or 30d, ${bounds}`, (text) => within(parseDuration(text), least, most), {
    pattern: durationPattern,
  });
}

/** Bytes, with or without a unit. */
export function size(least: number, most: number): z.ZodType<number> {
  return value('a size such as 500MB or 10GiB', (text) => within(parseByteSize(text), least, most), {
    type: ['integer', 'string'],
    pattern: '^[0-9]+(\\.[0-9]+)? ?([KkMmGgTt][Ii]?)?[Bb]?$',
  });
}

/** One of some words. */
export function word<Word extends string>(words: readonly Word[]): z.ZodType<Word> {
  return z
    .string()
    .transform((text, context): Word => {
      const found = words.find((each) => each === text);
      if (found !== undefined) return found;
      const near = suggest(text, words);
      const meant = near === undefined ? '' : ` (did you mean ${near}?)`;
      context.addIssue(`cannot be "${shown(text)}"; write ${words.join(', ').replace(/, ([^,]+)$/, ' or $1')}${meant}`);
      return z.NEVER;
    })
    .meta({ type: 'string', enum: words });
}

/** Any text but the empty one, or one of a form that `expected` describes. */
export function text(what: string, form?: RegExp, expected?: string): z.ZodType<string> {
  return value(
    expected ?? `${/^[aeiou]/.test(what) ? 'an' : 'a'} ${what}`,
    (given) =>
      given !== '' && given.length <= yamlLimits.text && (form ?? /^[^\0-\x1F]+$/).test(given) ? given : undefined,
    form === undefined ? { minLength: 1 } : { pattern: form.source },
  );
}

/** A list of at most so many, and of one at least where that makes sense. */
export function listOf<Item>(
  item: z.ZodType<Item>,
  least = 0,
  most: number = yamlLimits.list,
): z.ZodType<readonly Item[]> {
  return z
    .array(item)
    .min(least, { error: 'is an empty list; name one at least' })
    .max(most, { error: `is a list of more than ${most}; write fewer` });
}

function within(given: number | undefined, least: number, most: number): number | undefined {
  return given !== undefined && given >= least && given <= most ? given : undefined;
}

function shortDuration(milliseconds: number): string {
  for (const [unit, length] of [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['m', 60_000],
    ['s', 1000],
  ] as const) {
    if (milliseconds % length === 0) return `${milliseconds / length}${unit}`;
  }
  return `${milliseconds}ms`;
}
