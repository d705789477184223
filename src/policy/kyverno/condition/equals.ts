import { areEqual, type JsonValue, typeOf } from '../../../lang/jmespath/value.ts';
import { matchesWildcard } from '../wildcard.ts';
import { compareAmounts, compareDurations, numberOf } from './compare.ts';

/**
 * Whether what is looked at equals what a condition names (Kyverno, operator Equals): texts by patterns, durations and amounts by what
 * they are worth, numbers whether they are written as texts or not, and the rest member by member.
 */
export function equals(key: JsonValue, value: JsonValue, step: () => void): boolean {
  switch (typeOf(key)) {
    case 'boolean':
      return key === value;
    case 'number':
      return numberOf(value) === key;
    case 'string':
      return equalsText(key as string, value);
    default:
      return areEqual(key, value, step);
  }
}

function equalsText(key: string, value: JsonValue): boolean {
  const duration = compareDurations(key, value);
  if (duration !== undefined) return duration === 0;
  const amount = compareAmounts(key, value);
  if (amount !== undefined) return amount === 0;
  return typeof value === 'string' && matchesWildcard(value, key);
}
