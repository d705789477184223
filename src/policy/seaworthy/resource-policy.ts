import { createHash } from 'node:crypto';
import { printable } from '../../base/printable.ts';
import { formatReference, type Reference } from '../../oci/reference.ts';
import { evaluateByName, isDecidedByName, namedSubject } from '../by-name.ts';
import { type CompiledPolicy, type CompiledRule, compilePolicy } from '../compile.ts';
import type { Gate } from '../evidence.ts';
import { policyLimits } from '../limits.ts';
import type { Rule } from '../model.ts';
import type { MatchesObject } from '../resource/object-filter/match.ts';
import { readImageName } from '../resource/image-spellings.ts';
import { isOnlyFreed, isOnlyScaledDown } from '../resource/unchanged.ts';
import type { ResourceImage, ResourceImages } from '../resource/images.ts';
import type {
  ImageCheck,
  ImageResult,
  RegistryAccess,
  ResourceInput,
  ResourceOutcome,
  ResourcePolicy,
  ResourceRule,
  RuleAnswer,
} from '../resource/policy.ts';
import { compileNames, compileReferences } from '../scope.ts';
import { compileClusterMatch } from './cluster-match.ts';
import { imageResult, unnamedResult } from './image-result.ts';
import type { ImagePolicy } from './model.ts';
import {
  compileExceptionsFromObjects,
  compileObjectExceptions,
  exceptedBy,
  exceptionMessage,
  isExcepted,
  type ObjectException,
} from './object-exception.ts';
import { compileObjectRule } from './object-rule.ts';
import { compileObjectImages, type ImagesOfObject, registeredKinds } from './object-images.ts';

/** How policies about images become policies about objects. */
export interface ImagePolicySettings {
  /** How registries are reached, besides what the gate has anyway. */
  readonly access: RegistryAccess;
}

/**
 * Makes policies about objects of a cluster from policies about images: each requirement is a rule, which every image of an object must
 * meet, of its volumes too.
 *
 * @throws PolicyError for a policy that cannot be meant as it is; what was read is right already
 */
export function compileImagePolicies(
  policies: readonly ImagePolicy[],
  settings: ImagePolicySettings,
): readonly ResourcePolicy[] {
  return policies.map((policy) => compileImagePolicy(policy, settings));
}

/**
 * Makes of each policy that says something of objects themselves a policy with that alone, for gates that judge images apart.
 *
 * @throws PolicyError
 */
export function compileObjectPolicies(
  policies: readonly ImagePolicy[],
  settings: ImagePolicySettings,
): readonly ResourcePolicy[] {
  const about = policies.filter(({ objects }) => objects.length > 0);
  return about.map((each) =>
    compileImagePolicy({ ...each, policy: { ...each.policy, rules: [], exceptions: [] } }, settings),
  );
}

function compileImagePolicy(
  { name, policy, match, objects, exceptions }: ImagePolicy,
  { access }: ImagePolicySettings,
): ResourcePolicy {
  const compiled = compilePolicy(policy);
  const isAbout = compileClusterMatch(match);
  const isAboutImages: MatchesObject = (input) => (isOfImages(input) ? isAbout(input) : { kind: 'no' });
  const excepted = compileObjectExceptions(exceptions);
  const kinds = registeredKinds(match);
  const imagesOf = compileObjectImages(match);
  const counts = (gate: Gate): boolean =>
    policy.rules.some((rule) => rule.match?.gates?.includes(gate) ?? true) ||
    objects.some(({ gates }) => gates?.includes(gate) ?? true);
  const rules = compiled.rules.filter(({ rule }) => countsInCluster(rule));
  return {
    id: name,
    dialect: 'seaworthy',
    hash: createHash('sha256')
      .update(JSON.stringify([compiled.hash, match, objects, exceptions]))
      .digest('hex'),
    unknown: [...rules.map(({ rule, unknown }) => ({ action: rule.action, unknown })), ...objects].some(
      (each) => each.action === 'deny' && each.unknown === 'deny',
    )
      ? 'deny'
      : 'allow',
    admission: counts('admission'),
    background: counts('audit'),
    ...(match.timeout === undefined ? {} : { timeout: match.timeout }),
    firstRuleOnly: false,
    matchConditions: match.conditions ?? [],
    rules: [
      ...rules.map((each): ResourceRule => {
        const judge = compileRule(each, { policy: compiled, imagesOf, access, exceptions: excepted });
        return {
          name: shortName(each.rule, name),
          kinds,
          judge(input) {
            const about = isAboutImages(input);
            switch (about.kind) {
              case 'no':
                return { kind: 'notAbout' };
              case 'needs':
                return { kind: 'needs', lookups: [about.lookup], images: [] };
              case 'unknown':
                return decided(
                  each,
                  'undecided',
                  `Whether this is about the object cannot be told: ${about.reason}.`,
                  [],
                );
              default:
                return judge(input);
            }
          },
        };
      }),
      ...objects.map((rule) =>
        compileObjectRule({
          rule,
          name: shortName(rule, name),
          match,
          isAbout,
          kinds,
          imagesOf,
          exceptions: compileExceptionsFromObjects(exceptions),
        }),
      ),
    ],
  };
}

/** Nothing runs because of what is deleted or connected to. */
function isOfImages({ subject: { operation } }: ResourceInput): boolean {
  return operation !== 'DELETE' && operation !== 'CONNECT';
}

/** The policy is told beside it. */
function shortName({ name }: Pick<Rule, 'name'>, policy: string): string {
  return name.startsWith(`${policy}/`) ? name.slice(policy.length + 1) : name;
}

function countsInCluster({ match }: Rule): boolean {
  return match?.gates === undefined || match.gates.includes('admission') || match.gates.includes('audit');
}

/** An image of an object with what it names; undefined where that is no name of an image. */
interface NamedImage {
  readonly image: ResourceImage;
  readonly reference: Reference | undefined;
}

/** What the rules of a policy are judged with. */
interface PolicyParts {
  readonly policy: CompiledPolicy;
  readonly imagesOf: ImagesOfObject;
  readonly access: RegistryAccess;
  readonly exceptions: readonly ObjectException[];
}

function compileRule(
  each: CompiledRule,
  { policy, imagesOf, access, exceptions }: PolicyParts,
): (input: ResourceInput) => RuleAnswer {
  const { rule } = each;
  const names = compileNames(rule.match ?? {});
  const gates = rule.match?.gates;
  const references = compileReferences(rule.match ?? {});
  const covers = ({ registry, repository, tag = 'latest', digest }: Reference): boolean => {
    const source = `${registry}/${repository}`;
    const how = digest === undefined ? ({ named: 'tag', tags: [tag] } as const) : ({ named: 'digest' } as const);
    return names({ repository, source }) && references({ source, ...how });
  };
  return (input) => {
    if (gates !== undefined && !gates.includes(gateOf(input))) return { kind: 'notAbout' };
    const excepted = exceptedBy(exceptions, rule.name, input);
    if (excepted.kind === 'needs') return { kind: 'needs', lookups: [excepted.lookup], images: [] };
    if (excepted.kind === 'whole') return decided(each, 'skipped', excepted.message, []);
    const imagesNow = (of: ResourceInput['subject']): ResourceImages => imagesOf(of, input.now);
    if (isOnlyFreed(input.subject) || isOnlyScaledDown(input.subject, imagesNow)) {
      return decided(each, 'skipped', 'nothing runs because of this that did not before', []);
    }
    const { images, unreadable } = imagesOf(input.subject, input.now);
    const named = images.map((image): NamedImage => ({ image, reference: readImageName(image.image.trim()) }));
    const needed: ImageCheck[] = [];
    const results = named.flatMap(({ image, reference }): ImageResult[] => {
      if (reference === undefined) return [unnamedResult(image)];
      if (!covers(reference)) return [{ image, name: formatReference(reference), outcome: 'skipped', message: '' }];
      const by = excepted.exceptions.find((exception) => isExcepted(exception, reference));
      if (by !== undefined) {
        return [{ image, name: formatReference(reference), outcome: 'skipped', message: exceptionMessage(by) }];
      }
      if (isDecidedByName(each, policy, input.pins)) {
        const subject = namedSubject(reference, gateOf(input), input.pins);
        const verdict = evaluateByName(policy, each, subject, input.now);
        const answer = { state: 'known', value: { verdict }, at: input.now } as const;
        return [imageResult(rule, image, reference, answer, policy.policy)];
      }
      const check = checkOf(reference, policy, access, input.pins);
      const answer = input.images.get(check.key);
      if (answer === undefined) needed.push(check);
      return [imageResult(rule, image, reference, answer, policy.policy)];
    });
    if (needed.length > 0) return { kind: 'needs', lookups: [], images: needed };
    const messages = [
      ...unreadable.map(({ pointer, why }) => `${pointer}: ${why}, so that nobody can tell what would run there.`),
      ...results.map(({ message }) => message).filter((message) => message !== ''),
    ];
    const outcome = unreadable.length > 0 ? 'failed' : worst(results.map((result) => result.outcome));
    return decided(each, outcome, printableMessage(messages), results);
  };
}

function gateOf({ subject }: ResourceInput): 'audit' | 'admission' {
  return subject.operation === 'audit' ? 'audit' : 'admission';
}

function checkOf(reference: Reference, policy: CompiledPolicy, access: RegistryAccess, pins: boolean): ImageCheck {
  const name = formatReference(reference);
  return { key: `${name} ${policy.hash}${pins ? ' pins' : ''}`, reference: name, policy, access };
}

function worst(outcomes: readonly ResourceOutcome[]): ResourceOutcome {
  for (const outcome of ['failed', 'undecided', 'passed'] as const) if (outcomes.includes(outcome)) return outcome;
  return 'skipped';
}

function printableMessage(messages: readonly string[]): string {
  return printable(messages.join(' '), policyLimits.message);
}

/** A rule that fails open denies nothing where it cannot be decided; it warns. */
function decided(
  { rule, unknown }: CompiledRule,
  outcome: ResourceOutcome,
  message: string,
  images: readonly ImageResult[],
): RuleAnswer {
  const opens = outcome === 'undecided' && unknown === 'allow' && rule.action === 'deny';
  return { kind: 'decided', outcome, action: opens ? 'warn' : rule.action, message, images };
}
