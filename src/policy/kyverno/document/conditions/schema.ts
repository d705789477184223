import { z } from 'zod';
import type { JsonValue } from '../../../../lang/jmespath/value.ts';
import { conditionOperators } from '../../condition/model.ts';
import type { Condition, ConditionBlock, Conditions } from './model.ts';

/** Any value of JSON. */
export const json: z.ZodType<JsonValue> = z.unknown() as z.ZodType<JsonValue>;

/** Texts by names. */
export const texts: z.ZodType<Readonly<Record<string, string>>> = z.record(z.string(), z.string());

const condition: z.ZodType<Condition> = z.strictObject({
  key: json.exactOptional(),
  operator: z.enum(conditionOperators).exactOptional(),
  value: json.exactOptional(),
  message: z.string().exactOptional(),
});

/** `any` and `all`. */
export const conditionBlock: z.ZodType<ConditionBlock> = z.strictObject({
  any: z.array(condition).exactOptional(),
  all: z.array(condition).exactOptional(),
});

/** A block, a list of conditions, or a list of blocks: told apart before they are looked into, so that a mistake is told of the one meant. */
export const conditions: z.ZodType<Conditions> = z
  .unknown()
  .meta(anyForm())
  .transform((value, context): Conditions => {
    const schema = schemaOf(value);
    const result = schema.safeParse(value);
    if (result.success) return result.data;
    for (const issue of result.error.issues) context.addIssue({ ...issue });
    return z.NEVER;
  });

/** For whoever asks which names there are. */
function anyForm(): Readonly<Record<string, unknown>> {
  const forms = z.union([conditionBlock, z.array(conditionBlock), z.array(condition)]);
  const { anyOf } = z.toJSONSchema(forms, { io: 'input' });
  return { anyOf };
}

function schemaOf(value: unknown): z.ZodType<Conditions> {
  if (!Array.isArray(value)) return conditionBlock;
  const isBlocks = value.some((each) => each !== null && typeof each === 'object' && ('any' in each || 'all' in each));
  return isBlocks ? z.array(conditionBlock) : z.array(condition);
}
