import { z } from 'zod';
import { errorMessage, isSeaworthyError } from '../../../base/error.ts';
import type { JsonValue } from '../../../lang/jmespath/value.ts';
import { compileCondition } from '../../condition/compile.ts';
import type { ConditionBlock } from '../../kyverno/document/conditions/model.ts';
import { conditionBlock } from '../../kyverno/document/conditions/schema.ts';
import { pathsInConditions } from '../../kyverno/verify/condition-context.ts';
import { policyLimits } from '../../limits.ts';
import { statementVariables } from '../../rule/attestation.ts';
import { lowerFirst } from '../value/schema.ts';

/** Kyverno's conditions, each block of which must hold: read by hand, since what they compare may be anything. */
export const conditionBlocks: z.ZodType<readonly ConditionBlock[]> = z
  .unknown()
  .transform((given, context): readonly ConditionBlock[] => {
    const result = z.array(conditionBlock).min(1, { error: 'is an empty list; name one at least' }).safeParse(given);
    if (!result.success) {
      for (const issue of result.error.issues) context.addIssue({ ...issue });
      return z.NEVER;
    }
    try {
      if (JSON.stringify(result.data).length > policyLimits.condition) {
        throw new RangeError(`it has more than ${policyLimits.condition} characters`);
      }
      compileCondition({ kyverno: result.data, exact: false }, statementVariables);
      pathsInConditions(result.data as unknown as JsonValue);
    } catch (error) {
      if (!isSeaworthyError(error) && !(error instanceof RangeError)) throw error;
      context.addIssue(`is no condition: ${lowerFirst(errorMessage(error))}`);
    }
    return result.data;
  })
  .meta({ type: 'array', items: { allOf: [blockJsonSchema()] } });

function blockJsonSchema(): object {
  const { $schema: _form, ...schema } = z.toJSONSchema(conditionBlock, { io: 'input' });
  return schema;
}
