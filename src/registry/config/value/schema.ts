import { resolve } from 'node:path';
import { z } from 'zod';
import { parseByteSize } from '../../../base/byte-size.ts';
import { parseDuration } from '../../../base/duration.ts';
import { printable } from '../../../base/printable.ts';
import { suggest } from '../../../base/suggest.ts';
import { parseDuration as parseRuleDuration } from '../../rule/duration.ts';
import { RuleError } from '../../rule/error.ts';
import { configLimits } from '../limits.ts';
import { isCron } from './cron.ts';
import { whyNoNetwork } from './network.ts';
import { type ListenAddress, parseListenAddress } from './host-port.ts';
import { whyNoRepository, whyNoTag } from './pattern.ts';
import type { SecretReference } from './secret.ts';

/** Where relative paths of a configuration start from: the folder of its file, absolute. */
export interface Paths {
  readonly folder: string;
}

type Json = Readonly<Record<string, unknown>>;

/** Reads a plain value; `parse` gives undefined for what it is not. */
function value<Value>(expected: string, parse: (text: string) => Value | undefined, json: Json = {}): z.ZodType<Value> {
  return z
    .string()
    .transform((text, context): Value => {
      const read = parse(text);
      if (read !== undefined) return read;
      context.addIssue(`cannot be "${printable(text)}"; write ${expected}`);
      return z.NEVER;
    })
    .meta({ type: 'string', ...json });
}

/** A plain value that may be wrong in several ways: `judge` says what is wrong, or nothing. */
function judged(judge: (text: string) => string | undefined): z.ZodType<string> {
  return z
    .string()
    .transform((text, context): string => {
      const wrong = text.length > configLimits.text ? 'it is far too long' : judge(text);
      if (wrong !== undefined) context.addIssue(`cannot be "${printable(text)}": ${wrong}`);
      return text;
    })
    .meta({ type: 'string' });
}

const durationPattern = '^([0-9.]+(ns|us|µs|ms|s|m|h|d|w))+$';

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

/** A duration of a rule, which stays as it is written: rules name it in what they say. */
export const ruleDuration: z.ZodType<string> = value(
  'a duration such as 12h, 30d or 2w',
  (text) => {
    try {
      return parseRuleDuration(text) > 0 ? text : undefined;
    } catch (error) {
      if (error instanceof RuleError) return undefined;
      throw error;
    }
  },
  { pattern: durationPattern },
);

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
      context.addIssue(
        `cannot be "${printable(text)}"; write ${words.join(', ').replace(/, ([^,]+)$/, ' or $1')}${meant}`,
      );
      return z.NEVER;
    })
    .meta({ type: 'string', enum: words });
}

/** Any text but the empty one, or one of a form that `expected` describes. */
export function text(what: string, form?: RegExp, expected?: string): z.ZodType<string> {
  return value(
    expected ?? `${/^[aeiou]/.test(what) ? 'an' : 'a'} ${what}`,
    (given) =>
      given !== '' && given.length <= configLimits.text && (form ?? /^[^\0-\x1F]+$/).test(given) ? given : undefined,
    form === undefined ? { minLength: 1 } : { pattern: form.source },
  );
}

/** An address of the web, without user and password, which would be secrets. */
export const httpUrl: z.ZodType<string> = judged((given) => {
  const url = URL.parse(given);
  if (url === null || !['http:', 'https:'].includes(url.protocol)) return 'it is no http or https address';
  if (url.username !== '' || url.password !== '') return 'an address in this file holds no user and password';
  return url.hash === '' ? undefined : 'nothing is sent of what stands behind "#"; remove it';
});

/** An address, or a network of them. */
export const ipNetwork: z.ZodType<string> = judged(whyNoNetwork);

/** Where to listen. */
export const listenAddress: z.ZodType<ListenAddress> = value(
  'HOST:PORT such as 127.0.0.1:5000, [::1]:5000 or :5000',
  parseListenAddress,
);

/** A path, absolute or from the file's folder on; given as an absolute one. */
export function path({ folder }: Paths): z.ZodType<string> {
  return value('a path', (given) => {
    if (given === '' || given.includes('\0') || given.length > configLimits.text) return undefined;
    return resolve(folder, given);
  });
}

/** When to do something. */
export const cron: z.ZodType<string> = value('five fields of cron such as "30 3 * * *"', (given) =>
  isCron(given) ? given.trim().replaceAll(/[ \t]+/g, ' ') : undefined,
);

/** A pattern that some repository can match. */
export const repositoryPattern: z.ZodType<string> = judged(whyNoRepository);

/** A pattern that some tag can match. */
export const tagPattern: z.ZodType<string> = judged(whyNoTag);

/** A list of at most so many, and of one at least where that makes sense. */
export function listOf<Item>(
  item: z.ZodType<Item>,
  least = 0,
  most: number = configLimits.list,
): z.ZodType<readonly Item[]> {
  return z
    .array(item)
    .min(least, { error: 'is an empty list; name one at least' })
    .max(most, { error: `is a list of more than ${most}; write fewer` });
}

type SecretName<Name extends string> = Name | `${Name}File`;

/** The two members that name a secret: `name: env:VARIABLE` and `nameFile: path`. {@link secret} makes one of them. */
export function secretFields<Name extends string>(
  name: Name,
  paths: Paths,
  help: string,
): Record<SecretName<Name>, z.ZodExactOptional<z.ZodType<SecretReference>>> {
  const variable: z.ZodType<SecretReference> = z
    .string()
    .transform((given, context): SecretReference => {
      const match = /^env:([A-Za-z_][A-Za-z0-9_]{0,127})$/.exec(given);
      if (match !== null) return { kind: 'env', name: match[1] as string };
      // What stands here may be the secret itself, so it is not repeated.
      context.addIssue(
        `holds no secret itself; write env:NAME, or put the secret into a file and name it as ${name}File`,
      );
      return z.NEVER;
    })
    .meta({ type: 'string', pattern: '^env:[A-Za-z_][A-Za-z0-9_]*$' });
  const file: z.ZodType<SecretReference> = z.pipe(
    path(paths),
    z.transform((given: string): SecretReference => ({ kind: 'file', path: given })),
  );
  return {
    [name]: variable.exactOptional().describe(`${help}, as \`env:NAME\``),
    [`${name}File`]: file.exactOptional().describe(`${help}, as a file`),
  } as Record<SecretName<Name>, z.ZodExactOptional<z.ZodType<SecretReference>>>;
}

/** The secret that an object names by {@link secretFields}, or undefined. Two places are a mistake. */
export function secret<Name extends string>(
  given: { readonly [Key in SecretName<Name>]?: SecretReference },
  name: Name,
  context: z.core.$RefinementCtx,
): SecretReference | undefined {
  const variable = given[name];
  const file = given[`${name}File`];
  if (variable !== undefined && file !== undefined)
    context.addIssue(`names a secret twice; keep ${name} or ${name}File`);
  return variable ?? file;
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
