import { z } from 'zod';
import type { UnknownAction } from '../../model.ts';
import { unknownAction } from '../rule/schema.ts';
import { name, sentence } from '../value/schema.ts';
import { word } from '../../../codec/yaml/schema.ts';

/** What becomes of an image that breaks a requirement, in the words of the form. */
export type Enforcement = 'enforce' | 'warn' | 'audit';

/** One of {@link Enforcement}. */
export const enforcement: z.ZodType<Enforcement> = word(['enforce', 'warn', 'audit']);

/** What every requirement may have. */
export interface Common {
  readonly name?: string;
  readonly enforcement?: Enforcement;
  readonly unknown?: UnknownAction;
  readonly help?: string;
}

/** A requirement: what all may have, and what it asks for. */
export interface Requirement<Asked> {
  readonly common: Common;
  readonly asked: Asked;
}

const common: z.ZodType<Common> = z.strictObject({
  name: name.exactOptional().describe('name that verdicts tell, behind that of the policy (default: what it is about)'),
  enforcement: enforcement
    .exactOptional()
    .describe("what becomes of an image that breaks it: `enforce`, `warn`, `audit` (default: the policy's)"),
  unknown: unknownAction
    .exactOptional()
    .describe("what becomes of an image of which too little is known (default: the policy's `unknown`)"),
  help: sentence.exactOptional().describe('what to do about it, for whoever is denied'),
});

const members: ReadonlySet<string> = new Set(['name', 'enforcement', 'unknown', 'help']);

/** The members of several schemas of objects side by side: those that all requirements have, and a requirement's own. */
export function withCommon<Asked>(own: z.ZodType<Asked>): z.ZodType<Requirement<Asked>> {
  const [shared, asked] = [common, own].map(
    (schema) => z.toJSONSchema(schema, { io: 'input' }) as { properties?: object; required?: readonly string[] },
  );
  return z
    .unknown()
    .transform((given, context): Requirement<Asked> => {
      const isObject = typeof given === 'object' && given !== null && !Array.isArray(given);
      const entries = isObject ? Object.entries(given) : [];
      const isCommon = ([member]: [string, unknown]): boolean => members.has(member);
      const first = common.safeParse(Object.fromEntries(entries.filter(isCommon)));
      const second = own.safeParse(isObject ? Object.fromEntries(entries.filter((each) => !isCommon(each))) : given);
      for (const result of [first, second]) {
        for (const issue of result.error?.issues ?? []) context.addIssue({ ...issue });
      }
      if (!first.success || !second.success) return z.NEVER;
      return { common: first.data, asked: second.data };
    })
    .meta({
      type: 'object',
      properties: { ...shared?.properties, ...asked?.properties },
      ...(asked?.required === undefined ? {} : { required: [...asked.required] }),
      additionalProperties: false,
    });
}
