import type { JsonObject, JsonValue } from '../../../lang/jmespath/value.ts';
import type { ObjectCheck } from '../../seaworthy/model.ts';
import { present } from './present.ts';

/** What a rule asks of objects, as a document has it. */
export function writtenCheck({ context, preconditions, celPreconditions, validate }: ObjectCheck): JsonObject {
  const { message, pattern, anyPattern, deny, foreach, cel, allowExistingViolations } = validate;
  const json = (value: unknown): JsonValue | undefined => value as JsonValue | undefined;
  return present({
    message,
    context: json(context),
    preconditions: json(preconditions),
    matchConditions: json(celPreconditions),
    variables: json(cel?.variables),
    validations: json(
      cel?.expressions?.map(({ expression, message: told, messageExpression }) =>
        present({ expression, message: told, messageExpression }),
      ),
    ),
    pattern,
    anyPattern: json(anyPattern),
    deny: json(deny),
    foreach: json(foreach),
    allowExistingViolations: allowExistingViolations === false ? false : undefined,
  });
}
