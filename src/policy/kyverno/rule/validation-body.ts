import {
  areEqual,
  isObject,
  type JsonObject,
  type JsonValue,
  memberOf,
  objectOf,
} from '../../../lang/jmespath/value.ts';
import { policyLimits } from '../../limits.ts';
import type { ResourceSubject } from '../../resource/model.ts';
import type { RuleAnswer, RuleDecision } from '../../resource/policy.ts';
import type { KyvernoRule } from '../document/policy/model.ts';
import type { Validate, ValidationResult } from '../validate/model.ts';
import type { KyvernoSettings } from './model.ts';
import type { JudgingScope } from './scope.ts';

/**
 * The body of a rule that says what an object must be like. An object that broke it before may be changed while it breaks it
 * (`allowExistingViolations`): so its labels, its scale and its finalizers can be, while what its pods are made of may only where the
 * style says so. It broke it before if the rule would have been about it when it was created as it was (Kyverno, `validateOldObject`): a
 * rule about changes alone was about none.
 */
export function validationBody(
  { validate }: KyvernoRule,
  check: Validate,
  { style }: KyvernoSettings,
): (scope: JudgingScope) => RuleAnswer {
  const isPattern = validate?.pattern !== undefined || validate?.anyPattern !== undefined;
  const allowsExisting = validate?.allowExistingViolations !== false;
  return (scope) => {
    const { subject } = scope.input;
    if (isPattern && subject.operation === 'DELETE') return { kind: 'notAbout' };
    const result = check(scope, subject.object);
    if (result.outcome !== 'failed' || !allowsExisting) return decision(result, scope);
    const { operation, oldObject } = subject;
    if (operation !== 'UPDATE' || oldObject === undefined) return decision(result, scope);
    if (!style.changesViolations && !isSameButForScale(subject, oldObject, scope)) return decision(result, scope);
    const { oldObject: _oldObject, ...rest } = subject;
    const before = scope.asked({ ...rest, operation: 'CREATE', object: oldObject });
    if (before === undefined || check(before, oldObject).outcome !== 'failed') return decision(result, scope);
    return decision({ outcome: 'skipped', message: `it broke the rule before: ${result.message}` }, scope);
  };
}

function decision({ outcome, message }: ValidationResult, scope: JudgingScope): RuleDecision {
  return {
    kind: 'decided',
    outcome,
    action: scope.action,
    message: message.slice(0, policyLimits.message),
    images: [],
  };
}

/** Members of an object that say nothing of what its pods are made of. */
const passedOver: ReadonlySet<string> = new Set(['metadata', 'status']);

function isSameButForScale({ object }: ResourceSubject, oldObject: JsonObject, scope: JudgingScope): boolean {
  return areEqual(withoutScale(object), withoutScale(oldObject), scope.step);
}

function withoutScale(object: JsonObject): JsonValue {
  return objectOf(
    Object.entries(object)
      .filter(([name]) => !passedOver.has(name))
      .map(([name, value]) => [name, name === 'spec' ? withoutReplicas(value) : value] as const),
  );
}

function withoutReplicas(spec: JsonValue): JsonValue {
  if (!isObject(spec) || memberOf(spec, 'replicas') === null) return spec;
  return objectOf(Object.entries(spec).filter(([name]) => name !== 'replicas'));
}
