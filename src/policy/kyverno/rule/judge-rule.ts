import { once } from '../../../base/once.ts';
import { LangError } from '../../../lang/error.ts';
import { policyLimits } from '../../limits.ts';
import type { ResourceImages } from '../../resource/images.ts';
import type { ResourceSubject } from '../../resource/model.ts';
import type { ResourceRule, RuleAnswer, RuleDecision } from '../../resource/policy.ts';
import type { ContextEntryLoader } from '../context/compile-context.ts';
import type { KyvernoRule, KyvernoSpec } from '../document/policy/model.ts';
import { applyExceptions, withExcepted } from '../exception/apply-exceptions.ts';
import type { ExceptionFrom } from '../exception/compile-exceptions.ts';
import type { Gathered } from '../../evidence.ts';
import { compileMatch } from '../match/match-rule.ts';
import type { Matcher, RuleMatch } from '../match/matcher.ts';
import type { CompiledConditions } from './conditions.ts';
import { failureAction } from './failure-action.ts';
import { Judging } from './judging.ts';
import { missingFor, withLookedUp } from './looked-up.ts';
import { NeedsLookup, type RuleScope } from './model.ts';
import { requestVariables } from './request-variables.ts';
import { JudgingScope } from './scope.ts';
import type { RuleTools } from './tools.ts';

/** A rule whose parts are compiled. */
export interface RuleParts {
  readonly rule: KyvernoRule;
  readonly spec: KyvernoSpec;
  readonly namespace: string | undefined;
  readonly tools: RuleTools;
  readonly imagesOf: (subject: ResourceSubject, now: number) => ResourceImages;
  readonly context: readonly ContextEntryLoader[];
  readonly preconditions: CompiledConditions;
  readonly celPreconditions: ((scope: JudgingScope) => boolean) | undefined;
  readonly exceptions: readonly ExceptionFrom[];
  /** Undefined where the rule does what is not supported. */
  readonly body: ((scope: JudgingScope) => RuleAnswer) | ((scope: RuleScope) => RuleAnswer) | undefined;
}

/** The same, with which objects it is about. */
interface MatchedParts extends RuleParts {
  readonly matches: Matcher;
}

/**
 * Judges objects by a rule: whether it is about one (`match`, `exclude`, preconditions), what exceptions leave of it, and what its body
 * says. What cannot be computed or looked up leaves the rule undecided, and never passes an object over.
 */
export function judgeRule(given: RuleParts): ResourceRule['judge'] {
  const { tools } = given;
  const parts: MatchedParts = { ...given, matches: compileMatch(given.rule, given.namespace) };
  return (input) => {
    let judging: Judging | undefined;
    try {
      if (isPassedOver(parts, input.subject)) return { kind: 'notAbout' };
      const subject = withLookedUp(input);
      const matched = parts.matches(subject);
      if (matched.kind === 'no') return { kind: 'notAbout' };
      judging = new Judging(input, tools);
      return judge(parts, judging, subject, matched);
    } catch (error) {
      judging ??= new Judging(input, tools);
      if (error instanceof NeedsLookup) return needs(judging);
      // Objects with very many parts within each other end the stack of whoever goes through them.
      if (error instanceof RangeError)
        return undecided('The object has too many parts within each other', parts, judging);
      if (!(error instanceof LangError)) throw error;
      return undecided(error.message, parts, judging);
    }
  };
}

/** What no rule of its kind is about, whatever it says. */
function isPassedOver({ rule, tools }: RuleParts, { operation, user }: ResourceSubject): boolean {
  // Nothing runs because of what is deleted or connected to.
  if (rule.verifyImages !== undefined && (operation === 'DELETE' || operation === 'CONNECT')) return true;
  // A pattern is for what is to be there; that labels cannot be looked up must not keep what is deleted.
  if (operation === 'DELETE' && (rule.validate?.pattern ?? rule.validate?.anyPattern) !== undefined) return true;
  if (user === undefined || rule.skipBackgroundRequests === false) return false;
  return tools.settings.backgroundUsers?.includes(user.username) === true;
}

function judge(parts: MatchedParts, judging: Judging, subject: ResourceSubject, matched: RuleMatch): RuleAnswer {
  const { rule, spec, tools } = parts;
  if (matched.kind === 'unknown') {
    const missing = missingFor([rule.match, rule.exclude], subject);
    if (missing.length > 0) return { kind: 'needs', lookups: missing, images: [] };
    throw new LangError('EVALUATION', `Whether the rule is about this is not known: ${matched.reason}`);
  }
  const action = once(() => failureAction(spec, rule, judging));
  const scope = scopeFor(parts, judging, subject, action);
  const excepted = applyExceptions(parts.exceptions, scope, rule.verifyImages !== undefined);
  if (excepted.by !== undefined) return skipped(`rule is skipped: exception ${excepted.by} is about it`, scope);
  const unmet = unmetPreconditions(parts, scope);
  if (unmet !== undefined) return skipped(unmet, scope);
  if (parts.body === undefined) throw new LangError('EVALUATION', 'What the rule does is not supported');
  const { images } = excepted;
  const own = images === undefined ? scope : scope.withImages(() => images);
  return warned(withExcepted(parts.body(own), excepted.excepted, action, tools.settings.naming), spec);
}

/**
 * An object as it was, for whether the rule was about it: whoever sends it now need not have sent it then, and what is sent to a
 * subresource was never there (Kyverno, `matchResource`).
 */
function asItWas(subject: ResourceSubject): ResourceSubject {
  const whole = { ...subject, subresource: '' };
  if (subject.user === undefined) return whole;
  const none: Gathered<readonly string[]> = { state: 'known', value: [], at: 0 };
  return { ...whole, user: { username: '', groups: [], roles: none, clusterRoles: none } };
}

/** What keeps the rule from an object that it is about otherwise, for people. */
function unmetPreconditions({ celPreconditions, preconditions }: RuleParts, scope: JudgingScope): string | undefined {
  if (celPreconditions?.(scope) === false) return 'cel preconditions not met';
  const { holds, messages } = preconditions(scope);
  return holds ? undefined : ['preconditions not met', ...messages].join('; ');
}

function scopeFor(
  parts: MatchedParts,
  judging: Judging,
  subject: ResourceSubject,
  action: () => 'deny' | 'audit',
): JudgingScope {
  const images = once(() => parts.imagesOf(subject, judging.input.now));
  const variables = once(() => requestVariables(judging, images));
  const asked = (other: ResourceSubject): JudgingScope | undefined => {
    const own = judging.about(other);
    const known = withLookedUp(own.input);
    if (parts.matches(asItWas(known)).kind !== 'yes') return undefined;
    const scope = scopeFor(parts, own, known, action);
    return unmetPreconditions(parts, scope) === undefined ? scope : undefined;
  };
  return new JudgingScope({ judging, action, images, asked }, variables).withContext(parts.context);
}

function needs({ needs: lookups }: Judging): RuleAnswer {
  return { kind: 'needs', lookups: [...lookups.values()], images: [] };
}

function skipped(message: string, scope: JudgingScope): RuleDecision {
  return { kind: 'decided', outcome: 'skipped', action: scope.action, message: told(message), images: [] };
}

function undecided(message: string, { rule, spec }: RuleParts, judging: Judging): RuleAnswer {
  let action: 'deny' | 'audit' = 'deny';
  try {
    action = failureAction(spec, rule, judging);
  } catch (error) {
    if (error instanceof NeedsLookup) return needs(judging);
    // Where even that cannot be told, it is the strictest.
    if (!(error instanceof LangError)) throw error;
  }
  return warned({ kind: 'decided', outcome: 'undecided', action, message: told(message), images: [] }, spec);
}

/** `emitWarning` tells whoever asks of what is otherwise for reports alone. */
function warned(answer: RuleAnswer, { emitWarning }: KyvernoSpec): RuleAnswer {
  if (answer.kind !== 'decided' || answer.action !== 'audit' || emitWarning !== true) return answer;
  return { ...answer, action: 'warn' };
}

/** Messages are made of what anybody wrote into an object, and kept. */
function told(message: string): string {
  return message.slice(0, policyLimits.message);
}
