import { errorMessage } from '../../../base/error.ts';
import { LangError } from '../../../lang/error.ts';
import { PolicyError } from '../../error.ts';
import { namespaceLabelsLookup } from '../../kyverno/context/lookup.ts';
import { namespaceLabelsOf } from '../../kyverno/context/namespace-labels.ts';
import { policyLimits } from '../../limits.ts';
import { matchConstraints } from '../../resource/match-constraints/match.ts';
import type { ImageResult, ResourceInput, RuleAnswer, RuleDecision } from '../../resource/policy.ts';
import type { ResourceImages } from '../../resource/images.ts';
import { isEnding, isOnlyLetGo, isOnlyScaledDown } from '../../resource/unchanged.ts';
import { applyExceptions } from './apply-exceptions.ts';
import { imageResults } from './image-results.ts';
import type { ImageValidationRule } from './model.ts';
import { objectImages, podImages } from './object-images.ts';
import { ObjectJudging } from './object-judging.ts';
import { validate } from './validate.ts';
import { baseValues, variableValues, withValues } from './values.ts';

/**
 * Judges an object by a policy: whether it is about it, what exceptions leave of it, and whether its validations are true. What cannot be
 * computed or looked up leaves it undecided, and never passes an object over.
 */
export function judgeObject(rule: ImageValidationRule, input: ResourceInput): RuleAnswer {
  const judging = new ObjectJudging(rule, input);
  try {
    const decision = judge(rule, input, judging);
    return judging.isMissing ? needs(judging) : decision;
  } catch (error) {
    if (judging.isMissing) return needs(judging);
    // Objects with very many parts within each other end the stack of whoever goes through them.
    if (error instanceof RangeError) return undecided(rule, 'the object has too many parts within each other');
    if (!(error instanceof LangError) && !(error instanceof PolicyError)) throw error;
    if (judging.answers.wrong.size > 0) return failed(rule, judging, []);
    return undecided(rule, errorMessage(error));
  }
}

function judge(rule: ImageValidationRule, input: ResourceInput, judging: ObjectJudging): RuleAnswer {
  const { subject } = input;
  const matched = isAbout(rule, input);
  if (matched !== undefined) return matched;
  const base = baseValues(rule, input, judging);
  // Conditions see variables that do not look at images, which come later.
  const variables = variableValues(rule.variables, base, (expression, values) => judging.evaluate(expression, values));
  const early = withValues(base, { variables });
  if (!holdsAll(rule.matchConditions, (each) => judging.holds(each, early))) return { kind: 'notAbout' };
  if (isLetGo(rule, subject))
    return skipped(rule, 'it is being deleted or scaled down, and its images are as they were');
  const excepted = applyExceptions(rule, input, judging, early);
  if (excepted.whole !== undefined) {
    const { id, passes } = excepted.whole;
    return passes ? { ...decided(rule, 'passed'), images: [] } : skipped(rule, `exception ${id} is about it`);
  }
  judging.isExcepted = excepted.isExcepted;
  const lists = Object.fromEntries(rule.attestors.map(({ attestor: { name } }) => [name, name]));
  const named = Object.fromEntries([...rule.types.keys()].map((name) => [name, name]));
  const common = withValues(base, { attestors: lists, attestations: named, exceptions: excepted.values });
  const extracting = withValues(common, { variables });
  const images = objectImages(
    rule,
    subject,
    ({ value }) => judging.evaluate(value, extracting),
    (image) => judging.isExcepted(image),
  );
  if (images.names.length === 0) {
    if (excepted.images.length === 0) return { kind: 'notAbout' };
    return { ...skipped(rule, 'exceptions are about all of its images'), images: excepted.images };
  }
  const seen = withValues(common, { images: images.lists });
  const result = validate(rule, judging, seen);
  // Whoever asks about one image will ask about the others: all at once is quicker.
  if (judging.answers.checks.size > 0) for (const each of images.names) judging.answers.ask(each);
  const results = imageResults(rule, input, judging, images, result);
  if (judging.isMissing) return needs(judging);
  const wrong = results.filter(({ outcome }) => outcome === 'failed');
  if (result.messages.length > 0 || wrong.length > 0 || judging.answers.wrong.size > 0) {
    return { ...failed(rule, judging, result.messages, results), annotations: result.annotations };
  }
  if (result.errors.length > 0) return { ...undecided(rule, result.errors.join('; ')), images: results };
  return { ...decided(rule, 'passed'), images: [...results, ...excepted.images] };
}

/** Whether nothing runs because of a change that did not before. Where expressions find images, that is anywhere (CVE-2023-34091). */
function isLetGo({ extractors, settings }: ImageValidationRule, subject: ResourceInput['subject']): boolean {
  if (extractors.length > 0) return isOnlyLetGo(subject);
  const imagesOf = (of: typeof subject): ResourceImages => podImages(of, settings.style.skipVolumes);
  return isEnding(subject, imagesOf) || isOnlyScaledDown(subject, imagesOf);
}

/** An answer where it is not about the object, or cannot tell; undefined where it is. */
function isAbout({ namespace, constraints }: ImageValidationRule, input: ResourceInput): RuleAnswer | undefined {
  const { subject } = input;
  // Nothing runs because of what is deleted or connected to.
  if (subject.operation === 'DELETE' || subject.operation === 'CONNECT') return { kind: 'notAbout' };
  if (namespace !== undefined && subject.namespace !== namespace) return { kind: 'notAbout' };
  if (constraints === undefined) return undefined;
  const matched = matchConstraints(constraints, subject, namespaceLabelsOf(input));
  if (matched === 'yes') return undefined;
  if (matched === 'no') return { kind: 'notAbout' };
  if (matched === 'namespaceLabels') {
    return { kind: 'needs', lookups: [namespaceLabelsLookup(subject.namespace)], images: [] };
  }
  throw new LangError('EVALUATION', `Whether the policy is about this is not known: ${matched.unknown}`);
}

/** One that is false decides, whatever the others are (Kubernetes, "Matching requests: matchConditions"). @throws LangError */
function holdsAll<Item>(items: readonly Item[], holds: (item: Item) => boolean): boolean {
  let first: LangError | undefined;
  for (const item of items) {
    try {
      if (!holds(item)) return false;
    } catch (error) {
      if (!(error instanceof LangError)) throw error;
      first ??= error;
    }
  }
  if (first !== undefined) throw first;
  return true;
}

function needs({ lookups, answers }: ObjectJudging): RuleAnswer {
  return { kind: 'needs', lookups: [...lookups.needs.values()], images: [...answers.checks.values()] };
}

function decided({ action }: ImageValidationRule, outcome: RuleDecision['outcome'], message = ''): RuleDecision {
  return { kind: 'decided', outcome, action, message: message.slice(0, policyLimits.message), images: [] };
}

function skipped(rule: ImageValidationRule, message: string): RuleDecision {
  return decided(rule, 'skipped', message);
}

function undecided(rule: ImageValidationRule, message: string): RuleDecision {
  return decided(rule, 'undecided', `Policy ${rule.name} error: ${message}`);
}

/** In the words of Kyverno, with what was found beside them: whoever is denied must know what to do. */
function failed(
  rule: ImageValidationRule,
  { answers, reasons }: ObjectJudging,
  messages: readonly string[],
  images: readonly ImageResult[] = [],
): RuleDecision {
  const wrong = [...answers.wrong].map(([image, why]) => `${image}: ${why}`);
  const own = images.filter(({ outcome }) => outcome === 'failed').map(({ message }) => message);
  const all = messages.join('; ');
  const told = [...messages, ...wrong, ...own.filter((each) => each !== all)];
  const why =
    messages.length === 0 || reasons.size === 0 ? '' : ` (${[...reasons].slice(0, policyLimits.toldFacts).join('; ')})`;
  return { ...decided(rule, 'failed', `Policy ${rule.name} failed: ${[...new Set(told)].join('; ')}${why}`), images };
}
