import type { JsonValue } from '../../../lang/jmespath/value.ts';
import { compareDurations, compareOrdered, nanosecondsOf } from './compare.ts';
import { equals } from './equals.ts';
import { isAmong } from './membership.ts';
import type { ConditionOperator, ConditionStyle } from './model.ts';

/**
 * Whether a condition holds: `key`, what was found, stands in a relation to `value`, what the policy names. What cannot be compared holds
 * for none of them, but for those that deny: `NotEquals` and the `Not…In` hold where nothing is equal.
 *
 * @param step is called for each comparison @throws what it throws
 */
export function evaluateCondition(
  operator: ConditionOperator,
  key: JsonValue,
  value: JsonValue,
  style: ConditionStyle,
  step: () => void,
): boolean {
  step();
  const keys: readonly JsonValue[] = Array.isArray(key) ? (key as readonly JsonValue[]) : [key];
  const among = (each: JsonValue): boolean | undefined => isAmong(each, value, style, step);
  switch (operator) {
    case 'Equal':
    case 'Equals':
      return equals(key, value, step);
    case 'NotEqual':
    case 'NotEquals':
      return !equals(key, value, step);
    case 'AnyIn':
      return keys.some((each) => among(each) === true);
    case 'In':
    case 'AllIn':
      return keys.every((each) => among(each) === true);
    case 'AnyNotIn':
      return keys.some((each) => among(each) === false);
    case 'NotIn':
    case 'AllNotIn':
      return keys.every((each) => among(each) === false);
    default:
      return isOrdered(operator, operator.startsWith('Duration') ? durations(key, value) : compareOrdered(key, value));
  }
}

/** The old operators take numbers alone, of seconds, on both sides. */
function durations(key: JsonValue, value: JsonValue): number | undefined {
  const found = compareDurations(key, value);
  if (found !== undefined) return found;
  const [own, wanted] = [nanosecondsOf(key), nanosecondsOf(value)];
  if (own === undefined || wanted === undefined) return undefined;
  return own < wanted ? -1 : own > wanted ? 1 : 0;
}

function isOrdered(operator: ConditionOperator, order: number | undefined): boolean {
  if (order === undefined) return false;
  switch (operator.replace('Duration', '')) {
    case 'GreaterThan':
      return order > 0;
    case 'GreaterThanOrEquals':
      return order >= 0;
    case 'LessThan':
      return order < 0;
    default:
      return order <= 0;
  }
}
