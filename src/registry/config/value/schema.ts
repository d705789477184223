import { resolve } from 'node:path';
import { z } from 'zod';
import { yamlLimits } from '../../../codec/yaml/limits.ts';
import { durationPattern, judged, value } from '../../../codec/yaml/schema.ts';
import { parseDuration as parseRuleDuration } from '../../rule/duration.ts';
import { RuleError } from '../../rule/error.ts';
import { isCron } from './cron.ts';
import { whyNoNetwork } from './network.ts';
import { type ListenAddress, parseListenAddress } from '../../../net/listen-address.ts';
import { whyNoRepository, whyNoTag } from '../../../oci/name-glob.ts';
import type { SecretReference } from './secret.ts';

export { count, duration, flag, listOf, size, text, word } from '../../../codec/yaml/schema.ts';

/** Where relative paths of a configuration start from: the folder of its file, absolute. */
export interface Paths {
  readonly folder: string;
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
    if (given === '' || given.includes('\0') || given.length > yamlLimits.text) return undefined;
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
