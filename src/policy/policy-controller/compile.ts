import { errorMessage } from '../../base/error.ts';
import { printable } from '../../base/printable.ts';
import { byPlace, type ConfigMistake, type Finding } from '../../codec/yaml/mistake.ts';
import type { CompiledPolicy } from '../compile.ts';
import { PolicyError } from '../error.ts';
import { hashOf } from '../resource/hash-of.ts';
import type { ReadDocument, ReadingOf } from '../resource/read-documents.ts';
import type { ResourceInput, ResourcePolicy, ResourceRule } from '../resource/policy.ts';
import { type CompiledAuthority, compileAuthority } from './authority/compile-authority.ts';
import type { Translation } from './authority/translation.ts';
import { refuseWritten } from './authority/written-policy.ts';
import type { ClusterImagePolicy, MatchResource } from './document/cluster-image-policy/model.ts';
import type { TrustRoot } from './document/trust-root/model.ts';
import { compileImageGlob } from './images/glob.ts';
import { bareImagePolicy, imagePolicyOf } from './images/image-policy.ts';
import type { CompiledImagePolicy } from './judge/compiled-policy.ts';
import { judgeObject } from './judge/judge-object.ts';
import { judgeUnmatched } from './judge/judge-unmatched.ts';
import { judgeWhereOptedIn } from './judge/opted-in.ts';
import { policyControllerLimits } from './limits.ts';
import { optedInNamespaces, type PolicyControllerSettings } from './settings.ts';
import { type TrustMaterial, trustMaterialOf } from './trust/trust-root.ts';

/** Something that is wrong, and in which of the texts. */
export interface PolicyControllerMistake extends ConfigMistake {
  /** Index of the reading. */
  readonly reading: number;
}

/** What was made of texts with policies. */
export interface CompiledPolicyController {
  readonly policies: readonly ResourcePolicy[];
  /** Of reading and compiling, in the order of the texts. */
  readonly mistakes: readonly PolicyControllerMistake[];
}

/** Kinds with pods, as policy-controller's webhooks name them. */
const kinds: readonly string[] = [
  '/v1/Pod',
  '/v1/Pod/ephemeralcontainers',
  '/v1/PodTemplate',
  '/v1/ReplicationController',
  'apps/v1/DaemonSet',
  'apps/v1/Deployment',
  'apps/v1/ReplicaSet',
  'apps/v1/StatefulSet',
  'batch/v1/CronJob',
  'batch/v1/Job',
];

type Reading = ReadingOf<ClusterImagePolicy | TrustRoot>;

/** Compiles policies of policy-controller, with the trust roots that stand beside them. A policy of which any part is wrong is not there. */
export function compilePolicyController(
  readings: readonly Reading[],
  settings: PolicyControllerSettings,
): CompiledPolicyController {
  const mistakes: PolicyControllerMistake[] = [];
  for (const [reading, { mistakes: broken }] of readings.entries()) {
    for (const each of broken) mistakes.push({ ...each, reading });
  }
  const all = readings.flatMap(({ documents }, reading) => documents.map((each) => ({ each, reading })));
  const trustRoots = new Map<string, TrustMaterial | undefined>();
  const tell = ({ each, reading }: (typeof all)[number], findings: readonly Finding[]): void => {
    for (const { path, sentence } of findings) mistakes.push({ ...each.mistakeAt(path, sentence), reading });
  };
  for (const one of all) {
    const { document } = one.each;
    if (document.kind !== 'TrustRoot') continue;
    const { material, findings } = trustMaterialOf(document);
    const again = trustRoots.has(document.metadata.name) ? [repeated] : [];
    tell(one, [...findings, ...again]);
    trustRoots.set(document.metadata.name, findings.length + again.length > 0 ? undefined : material);
  }
  const bare = bareImagePolicy();
  const compiled = new Map<string, { readonly policy: CompiledImagePolicy; readonly hash: string }>();
  for (const one of all) {
    const { document } = one.each;
    if (document.kind !== 'ClusterImagePolicy') continue;
    const findings: Finding[] = compiled.has(document.metadata.name) ? [repeated] : [];
    const policy = compileOne(one.each as ReadDocument<ClusterImagePolicy>, { settings, trustRoots, findings });
    tell(one, findings);
    if (findings.length === 0) compiled.set(policy.name, { policy, hash: hashOf([document.spec, policy, settings]) });
  }
  const policies = [...compiled.values()].map(({ policy, hash }) => resourcePolicy(policy, hash, settings, bare));
  return {
    policies: [...policies, ...unmatched([...compiled.values()], settings, bare)],
    mistakes: mistakes.sort((a, b) => a.reading - b.reading || byPlace(a, b)),
  };
}

const repeated: Finding = { path: ['metadata', 'name'], sentence: 'is the name of one before; each has its own' };

function compileOne(
  { document: { metadata, spec } }: ReadDocument<ClusterImagePolicy>,
  translation: Translation,
): CompiledImagePolicy {
  const { findings } = translation;
  const { images, authorities: written = [], match = [], policy, mode } = spec;
  const globs = images.flatMap(({ glob }, at) => {
    const compiled = compileImageGlob(glob);
    if (typeof compiled !== 'string') return [compiled];
    findings.push({ path: ['spec', 'images', at, 'glob'], sentence: compiled });
    return [];
  });
  tooMany('images', images.length, policyControllerLimits.globs, findings);
  tooMany('authorities', written.length, policyControllerLimits.authorities, findings);
  if (written.length === 0) {
    const sentence = 'are missing, so that every image would pass; write authorities, or one with static and pass';
    findings.push({ path: ['spec', 'authorities'], sentence });
  }
  for (const [at, each] of match.entries()) checkMatch(each, at, findings);
  if (policy !== undefined) refuseWritten(policy, ['spec', 'policy'], true, translation);
  const authorities = written.flatMap((each, at) => {
    const own = compileAuthority(each, at, ['spec', 'authorities', at], translation);
    return own === undefined ? [] : [own];
  });
  const names = authorities.map(({ name }) => name);
  for (const [at, name] of names.entries()) {
    if (names.indexOf(name) === at) continue;
    const sentence = `is "${printable(name)}", which another authority has too`;
    findings.push({ path: ['spec', 'authorities', at, 'name'], sentence });
  }
  return {
    name: metadata.name,
    mode: mode === 'warn' ? 'warn' : 'deny',
    globs,
    match,
    authorities,
    imagePolicy: findings.length > 0 ? undefined : imagePolicy(authorities, findings),
  };
}

function imagePolicy(authorities: readonly CompiledAuthority[], findings: Finding[]): CompiledPolicy | undefined {
  const signed = authorities.filter((each) => each.kind === 'signed');
  if (signed.length === 0) return undefined;
  try {
    return imagePolicyOf(signed);
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    findings.push({ path: ['spec', 'authorities'], sentence: `cannot be used: ${errorMessage(error)}` });
    return undefined;
  }
}

function tooMany(name: string, count: number, most: number, findings: Finding[]): void {
  if (count > most) findings.push({ path: ['spec', name], sentence: `are more than ${most}; write fewer` });
}

/** Resources that make pods, by the names that a policy may give them. */
const resources: ReadonlySet<string> = new Set([
  'cronjobs',
  'daemonsets',
  'deployments',
  'jobs',
  'pods',
  'podtemplates',
  'replicasets',
  'replicationcontrollers',
  'statefulsets',
]);

function checkMatch(
  { group = '', version = '', resource = '', selector }: MatchResource,
  at: number,
  findings: Finding[],
): void {
  const path = ['spec', 'match', at];
  if (resource !== '' && !resources.has(resource)) {
    const sentence = `is "${printable(resource)}", which has no pods that are looked into; there are ${[...resources].join(', ')}`;
    findings.push({ path: [...path, 'resource'], sentence });
  }
  if (selector !== undefined && group + version + resource === '') {
    findings.push({ path: [...path, 'selector'], sentence: 'needs a resource beside it' });
  }
}

function resourcePolicy(
  policy: CompiledImagePolicy,
  hash: string,
  settings: PolicyControllerSettings,
  bare: CompiledPolicy,
): ResourcePolicy {
  return {
    ...common,
    id: policy.name,
    hash,
    ...ruleOf(policy.name, settings, (input) => judgeObject(policy, input, { settings, bare })),
  };
}

const common = {
  dialect: 'policy-controller',
  unknown: 'deny',
  admission: true,
  background: true,
  firstRuleOnly: false,
  matchConditions: [],
} as const;

/** What becomes of images that no policy is about is said by a policy of its own. */
function unmatched(
  compiled: readonly { readonly policy: CompiledImagePolicy; readonly hash: string }[],
  settings: PolicyControllerSettings,
  bare: CompiledPolicy,
): readonly ResourcePolicy[] {
  const { noMatch } = settings;
  if (noMatch === undefined || noMatch === 'allow') return [];
  const policies = compiled.map(({ policy }) => policy);
  const hash = hashOf([compiled.map((each) => each.hash), settings]);
  const judge: ResourcePolicy['rules'][number]['judge'] = (input) =>
    judgeUnmatched(policies, noMatch, input, { settings, bare });
  return [{ ...common, id: 'no-match-policy', hash, ...ruleOf('no-match-policy', settings, judge) }];
}

/** The one rule of a policy, and the namespaces that it is for, where some are to opt in. */
function ruleOf(
  name: string,
  { optIn }: PolicyControllerSettings,
  judge: ResourceRule['judge'],
): Pick<ResourcePolicy, 'rules' | 'namespaceSelector'> {
  if (optIn !== true) return { rules: [{ name, kinds, judge }] };
  const rules = [{ name, kinds, judge: (input: ResourceInput) => judgeWhereOptedIn(input, judge) }];
  return { rules, namespaceSelector: optedInNamespaces };
}
