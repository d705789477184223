import { z } from 'zod';
import { duration, flag, listOf, word } from '../../../codec/yaml/schema.ts';
import { gates } from '../../evidence.ts';
import { type Rule, ruleActions, type RuleScope, type UnknownAction } from '../../model.ts';
import {
  condition,
  flawIds,
  labels,
  name,
  packages,
  platform,
  predicateType,
  repositories,
  required,
  sentence,
  severity,
  share,
  signerNames,
  sources,
  tags,
} from '../value/schema.ts';

const century = 36_525 * 86_400_000;

/** A length of time that a rule gives. */
const span: z.ZodType<number> = duration(1000, century);

/** Fail closed or open. */
export const unknownAction: z.ZodType<UnknownAction> = word(['deny', 'allow']);

const scope: z.ZodType<RuleScope> = z.strictObject({
  gates: listOf(word(gates), 1)
    .exactOptional()
    .describe(`where it counts: ${gates.map((gate) => `\`${gate}\``).join(', ')} (default: everywhere)`),
  repositories: repositories.exactOptional().describe('patterns of repositories as they are asked for (default: all)'),
  exceptRepositories: repositories.exactOptional().describe('patterns of repositories that it is not about'),
  sources: sources.exactOptional().describe('patterns of where images come from, with the host (default: anywhere)'),
  exceptSources: sources.exactOptional().describe('patterns of sources that it is not about'),
  tags: tags.exactOptional().describe('patterns of tags, of which an image has one (default: all)'),
  platforms: listOf(platform, 1).exactOptional().describe('platforms such as `linux/arm64` (default: all)'),
});

const statuses = [
  'unknown',
  'not_affected',
  'affected',
  'fixed',
  'under_investigation',
  'will_not_fix',
  'fix_deferred',
  'end_of_life',
] as const;

const vulnerabilities = z
  .strictObject({
    severity: severity.exactOptional().describe('only flaws at least so bad: `LOW`, `MEDIUM`, `HIGH`, `CRITICAL`'),
    fixable: flag.exactOptional().describe('only flaws that a newer version mends'),
    exploited: flag.exactOptional().describe('only flaws that CISA lists as exploited (KEV)'),
    epss: share.exactOptional().describe('only flaws at least so likely to be exploited within 30 days, from 0 to 1'),
    ids: flawIds.exactOptional().describe('only these flaws, by any of their ids'),
    packages: packages.exactOptional().describe('only flaws in packages of such names'),
    ignoreStatuses: listOf(word(statuses), 1)
      .exactOptional()
      .describe('no flaws of which the distribution says this, such as `will_not_fix`'),
    grace: span.exactOptional().describe('no flaws that are younger, unless they are exploited'),
    graceSince: word(['published', 'known'])
      .exactOptional()
      .describe(
        'whether they are young since they are public or since they were found in the image (default: `published`)',
      ),
    maxDatabaseAge: span.exactOptional().describe('an older database decides nothing'),
    incomplete: unknownAction
      .exactOptional()
      .describe('what becomes of an image whose packages could not all be read (default: `deny`)'),
  })
  .transform(({ grace, graceSince, ...rest }, context) => {
    if (grace === undefined && graceSince !== undefined) context.addIssue('has a graceSince and no grace; add it');
    return { ...rest, ...(grace === undefined ? {} : { grace: { for: grace, since: graceSince ?? 'published' } }) };
  });

function atLeast(signers: readonly string[], given: 'all' | 'any' | number = 'all'): number {
  return given === 'all' ? new Set(signers).size : given === 'any' ? 1 : given;
}

const require = required.exactOptional().describe('how many of them: `all`, `any`, or a number (default: `all`)');

const signatures = z
  .strictObject({ signers: signerNames.describe('names of signers'), require })
  .transform(({ signers, require: given }) => ({ signers, atLeast: atLeast(signers, given) }));

const sbom = z.strictObject({
  signers: signerNames.exactOptional().describe('names of signers, of whom one signed it (default: anybody)'),
  formats: listOf(word(['cyclonedx', 'spdx']), 1)
    .exactOptional()
    .describe('`cyclonedx`, `spdx` (default: any)'),
});

const attestation = z
  .strictObject({
    predicateType: predicateType.describe('the type of what is stated: a URI, or a name such as `slsaprovenance1`'),
    signers: signerNames.describe('names of signers'),
    require,
    condition: condition
      .transform((cel) => ({ cel }))
      .exactOptional()
      .describe('what must be true of `predicate`, in CEL (default: nothing)'),
    which: word(['any', 'all'])
      .exactOptional()
      .describe('whether one statement of a signer must be right, or all (default: `any`)'),
    maxAge: span.exactOptional().describe('statements signed longer ago do not count'),
  })
  .transform(({ require: given, ...rest }) => ({ ...rest, atLeast: atLeast(rest.signers, given) }));

const source = z
  .strictObject({
    allow: sources.exactOptional().describe('patterns of sources that are allowed (default: all)'),
    deny: sources.exactOptional().describe('patterns of sources that are not, whatever is allowed'),
  })
  .refine(({ allow, deny }) => allow !== undefined || deny !== undefined, {
    error: 'forbids nothing; add allow or deny',
  });

const age = z
  .strictObject({
    maxSinceCreated: span.exactOptional().describe('how old an image may be, by what its config says'),
    minSinceFirstSeen: span.exactOptional().describe('how long an image must have been known here'),
  })
  .refine((given) => given.maxSinceCreated !== undefined || given.minSinceFirstSeen !== undefined, {
    error: 'forbids nothing; add maxSinceCreated or minSinceFirstSeen',
  });

const config = z
  .strictObject({
    nonRoot: flag.exactOptional().describe('whether it must name a user other than root'),
    labels: labels.exactOptional().describe('labels that it must have, with patterns of their values'),
  })
  .refine(({ nonRoot, labels: wanted }) => nonRoot === true || wanted !== undefined, {
    error: 'forbids nothing; add nonRoot: true or labels',
  });

/** Kinds of rules that this form has. */
const kinds = [
  'vulnerabilities',
  'signatures',
  'sbom',
  'attestation',
  'source',
  'age',
  'endOfLife',
  'config',
] as const satisfies readonly Rule['kind'][];

/** A rule: what all have, and one member that says by its name what it is about. */
export const ruleSchema: z.ZodType<Rule> = z
  .strictObject({
    name: name.describe('name that verdicts tell; each has its own'),
    action: word(ruleActions)
      .prefault('deny')
      .describe('what becomes of an image that breaks it: `deny`, `warn`, `audit`'),
    unknown: unknownAction
      .exactOptional()
      .describe("what becomes of an image of which too little is known (default: the policy's `unknown`)"),
    help: sentence.exactOptional().describe('what to do about it, for whoever is denied'),
    match: scope.exactOptional(),
    vulnerabilities: vulnerabilities.exactOptional(),
    signatures: signatures.exactOptional(),
    sbom: sbom.exactOptional(),
    attestation: attestation.exactOptional(),
    source: source.exactOptional(),
    age: age.exactOptional(),
    endOfLife: z.strictObject({}).exactOptional(),
    config: config.exactOptional(),
  })
  .transform((given, context): Rule => {
    const [kind, ...more] = kinds.filter((each) => given[each] !== undefined);
    if (kind === undefined) context.addIssue(`is about nothing; add one of ${kinds.join(', ')}`);
    if (kind === undefined) return z.NEVER;
    if (more.length > 0) context.addIssue(`is about ${[kind, ...more].join(' and ')}; write a rule for each`);
    const common = Object.entries(given).filter(([member]) => !(kinds as readonly string[]).includes(member));
    return { ...Object.fromEntries(common), ...given[kind], kind } as Rule;
  });
