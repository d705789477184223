import { z } from 'zod';
import type { JsonSchema } from '../../../codec/yaml/json-schema.ts';
import type { ConfigPath } from '../../../codec/yaml/mistake.ts';
import { listOf, word } from '../../../codec/yaml/schema.ts';
import { gates } from '../../evidence.ts';
import { policyLimits } from '../../limits.ts';
import type { Rule, RuleAction, RuleScope } from '../../model.ts';
import { objectExceptionSchema } from '../document/schema.ts';
import type { GivenPolicy } from '../document/schema.ts';
import { clusterMatch } from '../match/schema.ts';
import type { ClusterMatch, ObjectCheck, ObjectRule } from '../model.ts';
import { objects } from '../object/schema.ts';
import {
  ages,
  attestations,
  configs,
  digest,
  endOfLife,
  expressions,
  findings,
  sboms,
  signatures,
  sources,
} from '../requirement/schema.ts';
import { type Enforcement, enforcement, type Requirement } from '../requirement/with-common.ts';
import { unknownAction } from '../rule/schema.ts';
import { signerSchema } from '../signer/schema.ts';
import {
  name,
  platform,
  references,
  repositories,
  sentence,
  sources as sourcePatterns,
  tags,
} from '../value/schema.ts';

/** What a document of this form gives. */
export interface GivenImagePolicy extends GivenPolicy {
  readonly name: string;
  readonly match: ClusterMatch;
  readonly objects: readonly ObjectRule[];
  /** Where each rule stands in the document. */
  readonly places: readonly ConfigPath[];
}

/** What documents of this form call themselves. */
export const imagePolicyForm = { apiVersion: 'seaworthy.dev/v1', kind: 'ImagePolicy' } as const;

const actions: Readonly<Record<Enforcement, RuleAction>> = { enforce: 'deny', warn: 'warn', audit: 'audit' };

/** Members of the spec that are requirements, with the kinds of rules that they become, in the order of the documents. */
const requirements = {
  signatures: 'signatures',
  attestations: 'attestation',
  sbom: 'sbom',
  vulnerabilities: 'vulnerabilities',
  sources: 'source',
  digest: 'digest',
  age: 'age',
  endOfLife: 'endOfLife',
  config: 'config',
  rules: 'expression',
} as const satisfies Readonly<Record<string, Rule['kind']>>;

function specSchema(folder: string) {
  const list = <Asked>(item: z.ZodType<Requirement<Asked>>) => listOf(item, 1, policyLimits.rules).exactOptional();
  return z.strictObject({
    images: sourcePatterns.exactOptional().describe('patterns of images it is about, with the host (default: all)'),
    exceptImages: sourcePatterns.exactOptional().describe('patterns of images that it is not about'),
    repositories: repositories
      .exactOptional()
      .describe('patterns of repositories as they are asked for (default: all)'),
    exceptRepositories: repositories.exactOptional().describe('patterns of repositories that it is not about'),
    references: references
      .exactOptional()
      .describe('patterns of whole names, with host and tag, or `@*` for names by digest (default: all)'),
    exceptReferences: references.exactOptional().describe('patterns of whole names that it is not about'),
    tags: tags.exactOptional().describe('patterns of tags, of which an image has one (default: all)'),
    platforms: listOf(platform, 1).exactOptional().describe('platforms such as `linux/arm64` (default: all)'),
    gates: listOf(word(gates), 1)
      .exactOptional()
      .describe(`where it counts: ${gates.map((gate) => `\`${gate}\``).join(', ')} (default: everywhere)`),
    match: clusterMatch.exactOptional(),
    enforcement: enforcement
      .prefault('enforce')
      .describe('what becomes of an image that breaks a requirement: `enforce`, `warn`, `audit`'),
    unknown: unknownAction
      .prefault('deny')
      .describe('what becomes of an image where a requirement cannot be decided: `deny`, `allow`'),
    exceptionHelp: sentence.exactOptional().describe('how to ask for an exception, for whoever is denied'),
    signers: listOf(signerSchema(folder), 0, policyLimits.signers).prefault([]),
    signatures: list(signatures),
    attestations: list(attestations),
    sbom: list(sboms),
    vulnerabilities: list(findings),
    sources: sources.exactOptional(),
    digest: digest.exactOptional(),
    age: ages.exactOptional(),
    endOfLife: endOfLife.exactOptional(),
    config: configs.exactOptional(),
    rules: list(expressions),
    objects: list(objects),
    exceptions: listOf(objectExceptionSchema, 0, policyLimits.exceptions).prefault([]),
  });
}

type Spec = z.infer<ReturnType<typeof specSchema>>;

/** The schema of a document in a folder. */
export function imagePolicySchema(folder: string): z.ZodType<GivenImagePolicy> {
  return z
    .strictObject({
      apiVersion: word([imagePolicyForm.apiVersion]),
      kind: word([imagePolicyForm.kind]),
      // Clusters write more into it than people do.
      metadata: z.looseObject({ name: name.describe('name that verdicts tell; each policy has its own') }),
      spec: specSchema(folder),
      // What a cluster keeps beside it.
      status: z.unknown().exactOptional(),
    })
    .superRefine(({ spec }, context) => {
      const at = (spec.match?.resources ?? []).findIndex(({ images }) =>
        images.some(({ jmesPath }) => jmesPath !== undefined),
      );
      if (at < 0 || spec.digest?.asked.pin !== true) return;
      const message =
        'cannot be true where jmesPath makes names of images, of which nothing tells how to write them back';
      context.addIssue({ code: 'custom', path: ['spec', 'digest', 'pin'], message });
    })
    .transform(({ metadata, spec }) => given(metadata.name, spec));
}

function given(policy: string, spec: Spec): GivenImagePolicy {
  const found = rulesOf(policy, spec);
  const objectRules = objectRulesOf(policy, spec);
  const own = new Map([...found, ...objectRules].map(({ short, rule }) => [short, rule.name]));
  const { signers, exceptions, exceptionHelp, match = {} } = spec;
  return {
    name: policy,
    match,
    signers,
    rules: found.map(({ rule }) => rule),
    objects: objectRules.map(({ rule }) => rule),
    places: found.map(({ place }) => place),
    exceptions: exceptions.map((exception) =>
      exception.rules === undefined
        ? exception
        : { ...exception, rules: exception.rules.map((rule) => own.get(rule) ?? rule) },
    ),
    ...(exceptionHelp === undefined ? {} : { exceptionHelp }),
  };
}

function rulesOf(
  policy: string,
  spec: Spec,
): readonly { readonly rule: Rule; readonly short: string; readonly place: ConfigPath }[] {
  const match = scopeOf(spec);
  return (Object.keys(requirements) as (keyof typeof requirements)[]).flatMap((member) => {
    const written = spec[member];
    if (written === undefined) return [];
    const isList = Array.isArray(written);
    const all: readonly object[] = isList ? written : [written];
    return all.flatMap((each, at) => {
      // Where a member has no known name there is no requirement, and this goes on all the same; that mistake is told.
      if (!('common' in each)) return [];
      const { common, asked } = each as Requirement<object>;
      const short = common.name ?? (at === 0 ? member : `${member}-${at + 1}`);
      const rule = {
        ...asked,
        kind: requirements[member],
        name: `${policy}/${short}`,
        action: actions[common.enforcement ?? spec.enforcement],
        unknown: common.unknown ?? spec.unknown,
        ...(Object.keys(match).length === 0 ? {} : { match }),
        ...(common.help === undefined ? {} : { help: common.help }),
      } as Rule;
      return [{ rule, short, place: isList ? ['spec', member, at] : ['spec', member] }];
    });
  });
}

function objectRulesOf(
  policy: string,
  { objects: written = [], enforcement: usual, unknown, gates: counts }: Spec,
): readonly { readonly rule: ObjectRule; readonly short: string }[] {
  return written.flatMap((each: Partial<Requirement<ObjectCheck>>, at) => {
    const { common, asked } = each;
    if (common === undefined || asked === undefined) return [];
    const short = common.name ?? (at === 0 ? 'objects' : `objects-${at + 1}`);
    const rule: ObjectRule = {
      name: `${policy}/${short}`,
      action: actions[common.enforcement ?? usual],
      unknown: common.unknown ?? unknown,
      ...(counts === undefined ? {} : { gates: counts }),
      ...(common.help === undefined ? {} : { help: common.help }),
      check: asked,
    };
    return [{ rule, short }];
  });
}

function scopeOf({ images, exceptImages, repositories: own, exceptRepositories, ...rest }: Spec): RuleScope {
  return {
    ...(images === undefined ? {} : { sources: images }),
    ...(exceptImages === undefined ? {} : { exceptSources: exceptImages }),
    ...(own === undefined ? {} : { repositories: own }),
    ...(exceptRepositories === undefined ? {} : { exceptRepositories }),
    ...(rest.references === undefined ? {} : { references: rest.references }),
    ...(rest.exceptReferences === undefined ? {} : { exceptReferences: rest.exceptReferences }),
    ...(rest.tags === undefined ? {} : { tags: rest.tags }),
    ...(rest.platforms === undefined ? {} : { platforms: rest.platforms }),
    ...(rest.gates === undefined ? {} : { gates: rest.gates }),
  };
}

/** The JSON Schema (2020-12) of a document, for editors. */
export function imagePolicyJsonSchema(): JsonSchema {
  return z.toJSONSchema(imagePolicySchema('/'), { io: 'input' }) as JsonSchema;
}
