import { errorMessage } from '../../../base/error.ts';
import { LangError } from '../../../lang/error.ts';
import type { CompiledValidation, ImageValidationRule } from './model.ts';
import type { ObjectJudging } from './object-judging.ts';
import { variableValues, withValues } from './values.ts';

/** What came of a policy's validations. */
export interface ValidationResult {
  /** Of those that are false, each once. */
  readonly messages: readonly string[];
  /** Of those without an answer. */
  readonly errors: readonly string[];
  /** Of images, whether they were verified by anybody each time. */
  readonly verified: ReadonlyMap<string, boolean>;
  readonly annotations: Readonly<Record<string, string>>;
}

type Values = Readonly<Record<string, unknown>>;

/** Evaluates all validations, once for each way to choose from statements; all must be true each time. @throws LangError */
export function validate(rule: ImageValidationRule, judging: ObjectJudging, values: Values): ValidationResult {
  const messages = new Set<string>();
  const errors = new Set<string>();
  const verified = new Map<string, boolean>();
  let annotations: Readonly<Record<string, string>> = {};
  let isFirst = true;
  do {
    judging.verified.clear();
    // Variables may look into statements, of which each time another one is seen.
    const variables = variableValues(rule.variables, values, (expression, own) => judging.evaluate(expression, own));
    const seen = withValues(values, { variables });
    judging.see(seen);
    for (const validation of rule.validations) {
      try {
        if (!judging.holds(validation.holds)) messages.add(messageOf(validation, judging));
      } catch (error) {
        if (!(error instanceof LangError)) throw error;
        errors.add(errorMessage(error));
      }
    }
    for (const [image, isVerified] of judging.verified) {
      verified.set(image, isVerified && verified.get(image) !== false);
    }
    if (messages.size > 0 && isFirst) annotations = annotationsOf(rule, judging);
    isFirst = false;
  } while (messages.size === 0 && errors.size === 0 && judging.choices.next());
  return { messages: [...messages], errors: [...errors], verified, annotations };
}

/** The message that the policy makes, or has; what is false otherwise. */
function messageOf({ told, message, text }: CompiledValidation, judging: ObjectJudging): string {
  const made = told === undefined ? undefined : textOf(() => judging.evaluate(told));
  return made ?? message ?? `failed expression: ${text.trim().replaceAll(/\s+/g, ' ')}`;
}

function annotationsOf({ annotations }: ImageValidationRule, judging: ObjectJudging): Readonly<Record<string, string>> {
  const found = annotations.map(({ key, value }) => [key, textOf(() => judging.evaluate(value))] as const);
  return Object.fromEntries(found.filter((pair): pair is [string, string] => pair[1] !== undefined));
}

/** A text that is not empty; what cannot be made is left out, as it decides nothing. */
function textOf(make: () => unknown): string | undefined {
  try {
    const made = make();
    return typeof made === 'string' && made.trim() !== '' ? made : undefined;
  } catch (error) {
    if (error instanceof LangError) return undefined;
    throw error;
  }
}
