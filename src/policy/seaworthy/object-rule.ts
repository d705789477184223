import type { Finding } from '../../codec/yaml/mistake.ts';
import type { ImageExtractor } from '../kyverno/document/policy/model.ts';
import { usualNaming } from '../kyverno/image-name.ts';
import { compileRule, type CompiledRule } from '../kyverno/rule/compile-rule.ts';
import { ruleTools, type RuleTools } from '../kyverno/rule/tools.ts';
import { strictStyle } from '../kyverno/style.ts';
import type { MatchesObject } from '../resource/object-filter/match.ts';
import type { ResourceInput, ResourceRule, RuleAnswer, RuleDecision } from '../resource/policy.ts';
import { readImageName } from '../resource/image-spellings.ts';
import { exceptedBy, exceptionMessage, isExcepted, type ObjectException } from './object-exception.ts';
import type { ImagesOfObject } from './object-images.ts';
import type { ClusterMatch, ObjectCheck, ObjectRule } from './model.ts';

/** What rules about objects are compiled with, as policies of Kyverno are when nothing is said. */
function usualTools(): RuleTools {
  return ruleTools({ style: strictStyle, naming: usualNaming, namespace: 'kyverno' });
}

/** What is wrong with what a rule asks of objects. Paths begin at the rule as Kyverno has it. */
export function mistakesOfCheck(check: ObjectCheck): readonly Finding[] {
  return compileCheck('object', check, {}, usualTools()).findings;
}

/** How rules about objects are judged. */
export interface ObjectRuleParts {
  readonly rule: ObjectRule;
  /** What verdicts call it beside its policy. */
  readonly name: string;
  readonly match: ClusterMatch;
  readonly isAbout: MatchesObject;
  readonly kinds: readonly string[];
  readonly exceptions: readonly ObjectException[];
  readonly imagesOf: ImagesOfObject;
}

/** A rule about objects, by what Kyverno and Kubernetes make of what it asks. What cannot be told leaves it undecided. */
export function compileObjectRule(parts: ObjectRuleParts): ResourceRule {
  const { rule, name, match, isAbout, kinds } = parts;
  const extractors: Record<string, readonly ImageExtractor[]> = {};
  for (const { kind, images } of match.resources ?? []) extractors[kind] = [...(extractors[kind] ?? []), ...images];
  const { rule: made } = compileCheck(name, rule.check, extractors, usualTools());
  return {
    ...made,
    name,
    kinds,
    operations: match.operations ?? ['CREATE', 'UPDATE'],
    pins: false,
    judge(input) {
      const gate = input.subject.operation === 'audit' ? 'audit' : 'admission';
      if (rule.gates !== undefined && !rule.gates.includes(gate)) return { kind: 'notAbout' };
      const about = isAbout(input);
      switch (about.kind) {
        case 'no':
          return { kind: 'notAbout' };
        case 'needs':
          return { kind: 'needs', lookups: [about.lookup], images: [] };
        case 'unknown':
          return decided(rule, {
            outcome: 'undecided',
            message: `Whether this is about the object cannot be told: ${about.reason}.`,
          });
        default:
          return judge(parts, made, input);
      }
    },
  };
}

function judge({ rule, exceptions, imagesOf }: ObjectRuleParts, made: ResourceRule, input: ResourceInput): RuleAnswer {
  const excepted = exceptedBy(exceptions, rule.name, input);
  if (excepted.kind === 'needs') return { kind: 'needs', lookups: [excepted.lookup], images: [] };
  if (excepted.kind === 'whole') return decided(rule, { outcome: 'skipped', message: excepted.message });
  const forAll = excepted.exceptions.length === 0 ? undefined : ofAllImages(excepted.exceptions, imagesOf, input);
  if (forAll !== undefined) return decided(rule, { outcome: 'skipped', message: exceptionMessage(forAll) });
  const answer = made.judge(input);
  return answer.kind === 'decided' ? decided(rule, answer) : answer;
}

/** The object as a whole is judged, so that an exception for images is one for it where all of them are excepted. */
function ofAllImages(
  exceptions: readonly ObjectException[],
  imagesOf: ImagesOfObject,
  { subject, now }: ResourceInput,
): ObjectException | undefined {
  const { images, unreadable } = imagesOf(subject, now);
  if (images.length === 0 || unreadable.length > 0) return undefined;
  return exceptions.find((each) => images.every(({ image }) => isExcepted(each, readImageName(image.trim()))));
}

/** A rule that fails open denies nothing where it cannot be decided; it warns. */
function decided(
  { action, unknown, help }: ObjectRule,
  { outcome, message }: Pick<RuleDecision, 'outcome' | 'message'>,
): RuleDecision {
  const opens = outcome === 'undecided' && unknown === 'allow' && action === 'deny';
  const told = outcome === 'failed' && help !== undefined ? `${message} ${help}` : message;
  return { kind: 'decided', outcome, action: opens ? 'warn' : action, message: told, images: [] };
}

/** Which objects it is about is asked before, so that the rule itself is about all. */
function compileCheck(
  name: string,
  check: ObjectCheck,
  imageExtractors: Readonly<Record<string, readonly ImageExtractor[]>>,
  tools: RuleTools,
): CompiledRule {
  return compileRule(
    { name, match: { resources: { namespaces: ['*'] } }, imageExtractors, ...check },
    {
      id: name,
      policy: { apiVersion: 'kyverno.io/v1', kind: 'ClusterPolicy', metadata: { name }, spec: { rules: [] } },
      tools,
      exceptions: [],
    },
  );
}
