import { z } from 'zod';
import type { ConfigPath } from '../../../codec/yaml/mistake.ts';
import { flag, listOf } from '../../../codec/yaml/schema.ts';
import { kyvernoRuleSchema } from '../../kyverno/document/policy/schema.ts';
import { policyLimits } from '../../limits.ts';
import type { ObjectCheck } from '../model.ts';
import { mistakesOfCheck } from '../object-rule.ts';
import { type Requirement, withCommon } from '../requirement/with-common.ts';

const words = z.string().min(1).max(policyLimits.text).meta({ type: 'string' });
const cel = z.string().min(1).max(policyLimits.condition).meta({ type: 'string' });
/** Held against objects as it is, whatever it is made of. */
const anything = z.unknown();

const validation = z.strictObject({
  expression: cel.describe('what must be true of `object`, `oldObject`, `request`, `namespaceObject` and `variables`'),
  message: words.exactOptional().describe("what to tell when it is not (default: the rule's)"),
  messageExpression: cel.exactOptional().describe('the same as an expression that gives a text'),
});

const named = z.strictObject({
  name: words.describe('name that expressions give it'),
  expression: cel.describe('its value, in CEL'),
});

const condition = z.strictObject({
  name: words.describe('what it is called'),
  expression: cel.describe('what must be true for the rule to be about the object, in CEL'),
});

type Given = z.infer<typeof members>;

const members = z.strictObject({
  message: words.exactOptional().describe('what to tell of an object that breaks it; with variables of Kyverno'),
  validations: listOf(validation, 1, policyLimits.objects).exactOptional(),
  variables: listOf(named, 1, policyLimits.objects).exactOptional(),
  pattern: anything.exactOptional().describe('what an object must be like, as a pattern of Kyverno'),
  anyPattern: anything.exactOptional().describe('a list of patterns, of which one must fit'),
  deny: anything.exactOptional().describe('`conditions` of Kyverno that must not hold'),
  foreach: anything.exactOptional().describe("what elements of lists must be like, as in Kyverno's `foreach`"),
  preconditions: anything.exactOptional().describe('conditions of Kyverno that say whether it is about an object'),
  matchConditions: listOf(condition, 1, policyLimits.objects).exactOptional(),
  context: anything.exactOptional().describe("values that conditions and patterns use, as in Kyverno's `context`"),
  allowExistingViolations: flag
    .exactOptional()
    .describe(
      'whether an object that broke it before may be changed in what its pods are not made of (default: `true`)',
    ),
});

/** What objects themselves must be like, in the words of Kubernetes and Kyverno for that. */
export const objects: z.ZodType<Requirement<ObjectCheck>> = withCommon(
  members.transform((given, context): ObjectCheck => {
    const result = kyvernoRuleSchema.safeParse({ name: 'object', match: {}, ...checkOf(given) });
    if (!result.success) {
      for (const issue of result.error.issues) context.addIssue({ ...issue, path: ownPath(issue.path as ConfigPath) });
      return z.NEVER;
    }
    const { name: _name, match: _match, validate = {}, ...rest } = result.data;
    const check: ObjectCheck = { ...rest, validate };
    for (const { path, sentence } of mistakesOfCheck(check))
      context.addIssue({ code: 'custom', path: [...ownPath(path)], message: sentence });
    return check;
  }),
);

/** The members in the places that Kyverno has for them. */
function checkOf({ validations, variables, matchConditions, preconditions, context, ...validate }: Given): object {
  const cel =
    validations === undefined && variables === undefined ? {} : { cel: { expressions: validations, variables } };
  return {
    ...(context === undefined ? {} : { context }),
    ...(preconditions === undefined ? {} : { preconditions }),
    ...(matchConditions === undefined ? {} : { celPreconditions: matchConditions }),
    validate: JSON.parse(JSON.stringify({ ...validate, ...cel })) as object,
  };
}

/** Where Kyverno's place stands in the form. */
function ownPath(path: ConfigPath): (string | number)[] {
  const [first, second, third, ...rest] = path;
  if (first === 'celPreconditions') return ['matchConditions', ...path.slice(1)];
  if (first !== 'validate') return [...path];
  if (second !== 'cel') return path.slice(1);
  return third === 'expressions' ? ['validations', ...rest] : third === undefined ? ['validations'] : [third, ...rest];
}
