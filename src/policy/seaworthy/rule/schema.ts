import { z } from 'zod';
import { duration, flag, listOf, word } from '../../../codec/yaml/schema.ts';
import { gates } from '../../evidence.ts';
import {
  type AgeRule,
  type ConfigRule,
  type Rule,
  ruleActions,
  type RuleBase,
  type RuleScope,
  type SbomRule,
  type SourceRule,
  type UnknownAction,
  type VulnerabilitiesRule,
} from '../../model.ts';
import {
  condition,
  environment,
  flawIds,
  labels,
  name,
  packages,
  platform,
  ports,
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
export const span: z.ZodType<number> = duration(1000, century);

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

/** A rule about findings, without what all rules have. */
export const vulnerabilities: z.ZodType<Omit<VulnerabilitiesRule, keyof RuleBase | 'kind'>> = z
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
    maxDatabaseAge: span
      .exactOptional()
      .describe('an older database decides nothing, nor one of which advisories could not be had for so long'),
    maxScanAge: span.exactOptional().describe('nor does a scan that was made longer ago'),
    incomplete: unknownAction
      .exactOptional()
      .describe('what becomes of an image whose packages could not all be read (default: `deny`)'),
  })
  .transform(({ grace, graceSince, ...rest }, context) => {
    if (grace === undefined && graceSince !== undefined) context.addIssue('has a graceSince and no grace; add it');
    return { ...rest, ...(grace === undefined ? {} : { grace: { for: grace, since: graceSince ?? 'published' } }) };
  });

/** How many of some signers a rule asks for. */
export function atLeast(signers: readonly unknown[], given: 'all' | 'any' | number = 'all'): number {
  return given === 'all' ? new Set(signers).size : given === 'any' ? 1 : given;
}

const require = required.exactOptional().describe('how many of them: `all`, `any`, or a number (default: `all`)');

const signatures = z
  .strictObject({ signers: signerNames.describe('names of signers'), require })
  .transform(({ signers, require: given }) => ({ signers, atLeast: atLeast(signers, given) }));

/** A rule about bills of materials, likewise. */
export const sbom: z.ZodType<Omit<SbomRule, keyof RuleBase | 'kind'>> = z.strictObject({
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

/** A rule about sources, likewise. */
export const source: z.ZodType<Omit<SourceRule, keyof RuleBase | 'kind'>> = z
  .strictObject({
    allow: sources.exactOptional().describe('patterns of sources that are allowed (default: all)'),
    deny: sources.exactOptional().describe('patterns of sources that are not, whatever is allowed'),
  })
  .refine(({ allow, deny }) => allow !== undefined || deny !== undefined, {
    error: 'forbids nothing; add allow or deny',
  });

/** A rule about ages, likewise. */
export const age: z.ZodType<Omit<AgeRule, keyof RuleBase | 'kind'>> = z
  .strictObject({
    maxSinceCreated: span.exactOptional().describe('how old an image may be, by what its config says'),
    minSinceFirstSeen: span.exactOptional().describe('how long an image must have been known here'),
  })
  .refine((given) => given.maxSinceCreated !== undefined || given.minSinceFirstSeen !== undefined, {
    error: 'forbids nothing; add maxSinceCreated or minSinceFirstSeen',
  });

/** A rule about configs, likewise. */
export const config: z.ZodType<Omit<ConfigRule, keyof RuleBase | 'kind'>> = z
  .strictObject({
    nonRoot: flag.exactOptional().describe('whether it must name a user other than root'),
    numericUser: flag
      .exactOptional()
      .describe('whether it must name such a user by a number, by which alone Kubernetes can tell'),
    labels: labels.exactOptional().describe('labels that it must have, with patterns of their values'),
    forbiddenEnvironment: environment.exactOptional().describe('patterns of names of variables that it must not set'),
    ports: ports.exactOptional().describe('the only ports it may say it listens at: `8080`, `53/udp`, `1024-65535`'),
    healthcheck: flag.exactOptional().describe('whether it must say how to tell that it is well'),
  })
  .refine(
    ({ nonRoot, numericUser, healthcheck, ...wanted }) =>
      [nonRoot, numericUser, healthcheck].includes(true) || Object.keys(wanted).length > 0,
    { error: 'forbids nothing; add nonRoot: true, labels or others' },
  );

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
