import type { ConfigPath, Finding } from '../../../codec/yaml/mistake.ts';
import type { Gate } from '../../evidence.ts';
import { expressionsOf } from '../../kyverno-image/attestor/expressions.ts';
import { signerOf } from '../../kyverno-image/attestor/signer.ts';
import type {
  ImageValidatingPolicy,
  ImageValidatingSpec,
} from '../../kyverno-image/document/image-validating-policy/model.ts';
import type { KyvernoImageSettings } from '../../kyverno-image/settings.ts';
import type { Policy, Rule, RuleAction, RuleScope, UnknownAction } from '../../model.ts';
import type { ConvertedDocument, ImagePolicyDraft } from '../model.ts';
import { scopeOfWildcards } from '../patterns.ts';
import { renameSigners } from '../rename-signers.ts';
import { UniqueNames } from '../../unique-names.ts';
import { matchesOf } from './match.ts';
import { imageRequirements } from './validations.ts';

type Tell = (path: ConfigPath, sentence: string) => void;

/** Lists of images that objects with pods have. */
const podLists = ['containers', 'initContainers', 'ephemeralContainers', 'imageVolumes'];

/** Converts a policy of Kyverno in CEL whose validations ask how many attestors count, or what they state. */
export function convertImageValidatingPolicy(
  { kind, metadata, spec }: ImageValidatingPolicy,
  settings: KyvernoImageSettings,
): ConvertedDocument {
  const unsaid: Finding[] = [];
  const notes: Finding[] = [];
  const tell: Tell = (path, sentence) => void unsaid.push({ path, sentence });
  const note: Tell = (path, sentence) => void notes.push({ path, sentence });
  const namespace = kind === 'ImageValidatingPolicy' ? undefined : (metadata.namespace ?? 'default');
  refuse(spec, tell, note);
  const gates = gatesOf(spec, tell);
  const matches = matchesOf(spec, namespace, tell);
  const { rules, groups } = imageRequirements(spec, tell, note);
  const signers = (spec.attestors ?? []).flatMap((attestor, at) => {
    const path: ConfigPath = ['spec', 'attestors', at];
    if (expressionsOf(attestor).length > 0) {
      tell(path, 'has keys or certificates that expressions give, which an ImagePolicy cannot have; write them out');
      return [];
    }
    return [signerOf(attestor, path, { settings, namespace, findings: unsaid })];
  });
  const switches = spec.validationConfigurations ?? {};
  if (rules.length === 0 && switches.required !== false && unsaid.length === 0) {
    tell(
      ['spec', 'validations'],
      'verify no image, and required wants all of them verified; write validations, or required: false',
    );
  }
  const missing = podLists.filter((list) => !groups.has(list));
  if (rules.length > 0 && missing.length > 0) {
    const told = missing.map((list) => `images.${list}`).join(', ');
    note(['spec', 'validations'], `leave out ${told}, which an ImagePolicy asks the same of`);
  }
  const [pin, required] = [switches.mutateDigest !== false, switches.verifyDigest !== false];
  const digest: Rule[] = pin || required ? [{ kind: 'digest', name: '', action: 'deny', pin, required }] : [];
  const action = actionOf(spec);
  const unknown: UnknownAction = spec.failurePolicy === 'Ignore' ? 'allow' : 'deny';
  const known = new Set(signers.map(({ name }) => name));
  const kept = [...rules.filter((rule) => !('signers' in rule) || isOf(rule, known)), ...digest];
  const seconds = spec.webhookConfiguration?.timeoutSeconds;
  const scope: RuleScope = { ...referencesOf(spec, tell), gates };
  if (gates.length === 0 || kept.length === 0) return { drafts: [], unsaid, notes };
  const names = new UniqueNames();
  const drafts = matches.map((match): ImagePolicyDraft => {
    const name = names.take(namespace === undefined ? metadata.name : `${namespace}-${metadata.name}`);
    const policy: Policy = {
      rules: kept.map((rule): Rule => ({ ...rule, action, unknown })),
      signers,
      exceptions: [],
      unknown,
    };
    return {
      name,
      match: { ...match, ...(seconds === undefined ? {} : { timeout: seconds * 1000 }) },
      scope,
      policy: renameSigners(policy, (signer) => `${name}-${signer}`),
    };
  });
  return { drafts, unsaid, notes };
}

function isOf(rule: Rule, known: ReadonlySet<string>): boolean {
  return (
    (rule.kind !== 'signatures' && rule.kind !== 'attestation') ||
    rule.signers.every((each) => typeof each !== 'string' || known.has(each))
  );
}

function actionOf({ validationActions = [] }: ImageValidatingSpec): RuleAction {
  if (validationActions.length === 0 || validationActions.includes('Deny')) return 'deny';
  return validationActions.includes('Warn') ? 'warn' : 'audit';
}

function gatesOf({ evaluation }: ImageValidatingSpec, tell: Tell): readonly Gate[] {
  if (evaluation?.mode === 'JSON') {
    tell(
      ['spec', 'evaluation', 'mode'],
      'is about documents that are no objects of a cluster, which an ImagePolicy is not',
    );
  }
  const gates: Gate[] = [
    ...(evaluation?.admission?.enabled === false ? [] : (['ci', 'admission'] as const)),
    ...(evaluation?.background?.enabled === false ? [] : (['audit'] as const)),
  ];
  if (gates.length === 0) tell(['spec', 'evaluation'], 'leaves nothing that the policy would be asked about');
  return gates;
}

function refuse(spec: ImageValidatingSpec, tell: Tell, note: Tell): void {
  const {
    matchConditions = [],
    images = [],
    credentials = {},
    auditAnnotations = [],
    attestors = [],
    attestations = [],
  } = spec;
  if (matchConditions.length > 0)
    tell(['spec', 'matchConditions'], 'are about the object, of which an ImagePolicy sees the images alone');
  if (images.length > 0)
    tell(
      ['spec', 'images'],
      'say where images are in an object, and an ImagePolicy finds them where Kubernetes has them',
    );
  for (const [name, value] of Object.entries(credentials)) {
    if (value === undefined || value === false || (Array.isArray(value) && value.length === 0)) continue;
    tell(['spec', 'credentials', name], 'is about how registries are reached, which is a setting of the gate here');
  }
  for (const [at, { cosign }] of attestors.entries()) {
    if ((cosign?.source?.PullSecrets ?? []).length === 0) continue;
    tell(
      ['spec', 'attestors', at, 'cosign', 'source', 'PullSecrets'],
      'are credentials, which are a setting of the gate here',
    );
  }
  for (const [at, { referrer }] of attestations.entries()) {
    if (referrer !== undefined)
      tell(['spec', 'attestations', at, 'referrer'], 'is attached without a statement, which nothing here reads');
  }
  if (auditAnnotations.length > 0)
    note(['spec', 'auditAnnotations'], 'are not written down; verdicts name the rule and what was found');
}

/** Patterns that mean the same of names with a tag, with a digest, and with both. */
function referencesOf({ matchImageReferences = [] }: ImageValidatingSpec, tell: Tell): RuleScope {
  const globs = matchImageReferences.flatMap(({ glob, expression }, at): readonly string[] => {
    const path: ConfigPath = ['spec', 'matchImageReferences', at];
    if (expression !== undefined) tell(path, 'is an expression, where an ImagePolicy has patterns; write a glob');
    if (glob === undefined) return [];
    const written = glob.replaceAll(/\*+/g, '*');
    const last = written.slice(written.lastIndexOf('/') + 1);
    if (/[?[\]{}\\]/.test(written))
      tell([...path, 'glob'], 'has more than stars in it; write patterns with stars alone, one for each choice');
    else if (/[@:]/.test(last.replace(/\*$/, '')) || !last.endsWith('*')) {
      tell(
        [...path, 'glob'],
        'is about names with certain tags or digests, or without any; end it with a star behind the name of a repository',
      );
    }
    return withHost(written);
  });
  return matchImageReferences.length === 0 ? {} : scopeOfWildcards(globs);
}

/** A pattern that may be about names of Docker Hub without its host is about these with it; a star may be the host as well. */
function withHost(glob: string): readonly string[] {
  const slash = glob.indexOf('/');
  const first = slash < 0 ? glob : glob.slice(0, slash);
  if (glob.startsWith('*') || (slash >= 0 && !first.includes('*') && (/[.:]/.test(first) || first === 'localhost')))
    return [glob];
  return first.includes('*') ? [glob, `docker.io/${glob}`] : [`docker.io/${glob}`];
}
