import { z } from 'zod';
import { flag, listOf, word } from '../../../codec/yaml/schema.ts';
import { policyLimits } from '../../limits.ts';
import type {
  AgeRule,
  AttestationRule,
  ConfigRule,
  DigestRule,
  EndOfLifeRule,
  ExpressionRule,
  NamedStatement,
  Rule,
  RuleBase,
  SbomRule,
  SignaturesRule,
  SignerChoice,
  SignerSet,
  SourceRule,
  StatementCondition,
  VulnerabilitiesRule,
} from '../../model.ts';
import { conditionBlocks } from '../condition/schema.ts';
import { age, atLeast, config, sbom, source, span, vulnerabilities } from '../rule/schema.ts';
import { condition, expressionCondition, name, predicateType, required, sentence } from '../value/schema.ts';
import { type Requirement, withCommon } from './with-common.ts';

type Own<Kind extends Rule> = Omit<Kind, keyof RuleBase | 'kind'>;

const require = required.exactOptional().describe('how many of them: `all`, `any`, or a number (default: `all`)');

/** Read by hand, so that a mistake is told of what is meant: a name, or a set. */
const signerChoice: z.ZodType<SignerChoice> = z
  .unknown()
  .transform((given, context): SignerChoice => readChoice(given, context, 1))
  .meta({
    anyOf: [
      { type: 'string' },
      {
        type: 'object',
        properties: { signers: { type: 'array' }, require: { type: ['integer', 'string'] } },
        required: ['signers'],
        additionalProperties: false,
      },
    ],
  });

function readChoice(given: unknown, context: z.RefinementCtx, depth: number): SignerChoice {
  if (typeof given !== 'object' || given === null) {
    const result = name.safeParse(given);
    if (result.success) return result.data;
    context.addIssue('takes the name of a signer, or {signers: […], require: …}');
    return z.NEVER;
  }
  if (depth >= policyLimits.signerSets) {
    context.addIssue(`has more than ${policyLimits.signerSets} sets within each other; write fewer`);
    return z.NEVER;
  }
  const choice = z.unknown().transform((inner, own): SignerChoice => readChoice(inner, own, depth + 1));
  const set = z.strictObject({
    signers: listOf(choice, 1, policyLimits.ruleSigners),
    require: required.exactOptional(),
  });
  const result = set.safeParse(given);
  if (result.success) {
    return { signers: result.data.signers, atLeast: atLeast(result.data.signers, result.data.require) };
  }
  for (const issue of result.error.issues) context.addIssue({ ...issue });
  return z.NEVER;
}

const choices = listOf(signerChoice, 1, policyLimits.ruleSigners).describe(
  'names of signers; in place of one, `{signers, require}` for so many of others',
);

function setOf<Given extends { readonly signers: readonly SignerChoice[]; readonly require?: 'all' | 'any' | number }>({
  require: given,
  ...rest
}: Given): Omit<Given, 'require'> & SignerSet {
  return { ...rest, atLeast: atLeast(rest.signers, given) };
}

/** Signatures. */
export const signatures: z.ZodType<Requirement<Own<SignaturesRule>>> = withCommon(
  z.strictObject({ signers: choices, require }).transform(setOf),
);

const type = predicateType.describe('the type of what is stated: a URI, or a name such as `slsaprovenance1`');

/** Statements. */
export const attestations: z.ZodType<Requirement<Own<AttestationRule>>> = withCommon(
  z
    .strictObject({
      type,
      signers: choices,
      require,
      condition: condition
        .transform((cel) => ({ cel }))
        .exactOptional()
        .describe('what must be true of `predicate`, in CEL (default: nothing)'),
      conditions: conditionBlocks
        .exactOptional()
        .describe('the same in conditions of Kyverno, over the members of the predicate'),
      which: word(['any', 'all'])
        .exactOptional()
        .describe('whether one statement of a signer must be right, or all (default: `any`)'),
      maxAge: span.exactOptional().describe('statements signed longer ago do not count'),
    })
    .transform(({ type: given, conditions, ...rest }, context) => {
      if (conditions !== undefined && rest.condition !== undefined)
        context.addIssue('takes one of condition, conditions');
      const own = conditions === undefined ? {} : { condition: { kyverno: conditions, exact: false } };
      return { ...setOf(rest), ...own, predicateType: given };
    }),
);

/** Bills of materials. */
export const sboms: z.ZodType<Requirement<Own<SbomRule>>> = withCommon(sbom);

/** Findings. */
export const findings: z.ZodType<Requirement<Own<VulnerabilitiesRule>>> = withCommon(vulnerabilities);

/** Where images come from. */
export const sources: z.ZodType<Requirement<Own<SourceRule>>> = withCommon(source);

/** How old they are. */
export const ages: z.ZodType<Requirement<Own<AgeRule>>> = withCommon(age);

/** Whether their distribution gets fixes. */
export const endOfLife: z.ZodType<Requirement<Own<EndOfLifeRule>>> = withCommon(z.strictObject({}));

/** What their configs say. */
export const configs: z.ZodType<Requirement<Own<ConfigRule>>> = withCommon(config);

/** How they are named. */
export const digest: z.ZodType<Requirement<Own<DigestRule>>> = withCommon(
  z.strictObject({
    pin: flag.prefault('false').describe('whether gates that can do so put the digest in'),
    required: flag.prefault('true').describe('whether an image that is named by a tag alone breaks it'),
  }),
);

const statement: z.ZodType<NamedStatement> = z
  .strictObject({ type, signers: choices, require })
  .transform(({ type: given, ...rest }) => ({ ...setOf(rest), predicateType: given }));

/** Anything else. */
export const expressions: z.ZodType<Requirement<Own<ExpressionRule>>> = withCommon(
  z
    .strictObject({
      cel: expressionCondition
        .exactOptional()
        .describe(
          'what must be true of `subject`, `image`, `vulnerabilities`, `sbom`, `signatures`, `attestations` and `now`, in CEL',
        ),
      conditions: conditionBlocks
        .exactOptional()
        .describe('what must be true of statements, in conditions of Kyverno over the names in `statements`'),
      deny: conditionBlocks.exactOptional().describe('the same of what must not be true'),
      message: sentence.exactOptional().describe('what to tell when it is not true (default: the condition)'),
      statements: z
        .record(z.string(), statement)
        .superRefine((given, context) => {
          for (const own of Object.keys(given)) {
            if (!/^[A-Za-z_]\w{0,63}$/.test(own)) {
              context.addIssue({ code: 'custom', path: [own], message: 'is no name that CEL can use; write another' });
            }
          }
        })
        .exactOptional()
        .describe('statements that `attestations` has, by names of their own'),
    })
    .transform(({ cel, conditions, deny, ...rest }, context): Own<ExpressionRule> => {
      const given: StatementCondition[] = [
        ...(cel === undefined ? [] : [{ cel }]),
        ...(conditions === undefined ? [] : [{ kyverno: conditions, exact: false }]),
        ...(deny === undefined ? [] : [{ kyverno: deny, exact: false, denies: true as const }]),
      ];
      const [condition, ...more] = given;
      if (condition !== undefined && more.length === 0) return { ...rest, condition };
      context.addIssue('takes one of cel, conditions and deny');
      return z.NEVER;
    }),
);
