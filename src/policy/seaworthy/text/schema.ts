import { z } from 'zod';
import { policyLimits } from '../../limits.ts';
import type { TextSpec } from '../../model.ts';
import { expression } from '../value/schema.ts';

/** Forms of a text that is no plain one, whose values are texts. */
const textForms = ['regex', 'search', 'glob'] as const;

/** A text: itself, one of `{ regex }`, `{ search }` and `{ glob }`, or `{ all }` of several. */
export const textSpec: z.ZodType<TextSpec> = z
  .unknown()
  .transform((given, context): TextSpec => readText(given, context, false))
  .meta({ anyOf: [...plainForms(), allForm()] });

function readText(given: unknown, context: z.RefinementCtx, isInside: boolean): TextSpec {
  if (typeof given === 'string' && given !== '') return { exact: given };
  const [member, ...more] = typeof given === 'object' && given !== null ? Object.entries(given) : [];
  const [form, written] = (member ?? []) as readonly [string?, unknown?];
  if (more.length === 0 && form === 'all' && !isInside && Array.isArray(written) && written.length > 0) {
    if (written.length > policyLimits.texts) context.addIssue(`has more than ${policyLimits.texts} texts`);
    return { all: written.slice(0, policyLimits.texts).map((each) => readText(each, context, true)) };
  }
  const known = textForms.find((each) => each === form);
  if (more.length > 0 || typeof written !== 'string' || written === '' || known === undefined) {
    context.addIssue('takes a text, or one of {regex: …}, {search: …}, {glob: …} and {all: […]}');
    return z.NEVER;
  }
  if (known === 'glob') return { glob: written };
  const wrong = expression.safeParse(written);
  if (!wrong.success) for (const { message } of wrong.error.issues) context.addIssue(message);
  return known === 'regex' ? { regex: written } : { search: written };
}

function plainForms(): object[] {
  return [{ type: 'string', minLength: 1 }, ...textForms.map((form) => formOf(form, { type: 'string', minLength: 1 }))];
}

function allForm(): object {
  return formOf('all', { type: 'array', minItems: 1, items: { anyOf: plainForms() } });
}

function formOf(form: string, value: object): object {
  return { type: 'object', properties: { [form]: value }, required: [form], additionalProperties: false };
}
