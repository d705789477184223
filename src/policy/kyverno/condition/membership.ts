import { areEqual, type JsonValue } from '../../../lang/jmespath/value.ts';
import { matchesWildcard } from '../wildcard.ts';
import type { ConditionStyle } from './model.ts';
import { isInRange, parseValueRange } from './range.ts';

/**
 * Whether one value is among those that a condition names (Kyverno, operators In, AnyIn, AllIn): a list of patterns, one pattern, a
 * range such as `1-10`, or a list of JSON in a text. Undefined where nothing can be in it.
 */
export function isAmong(
  key: JsonValue,
  named: JsonValue,
  style: ConditionStyle,
  step: () => void,
): boolean | undefined {
  const list = listOf(named);
  if (list !== undefined) {
    return list.some((each) => {
      step();
      return isSame(key, each, style, step);
    });
  }
  if (typeof named === 'string') {
    const range = parseValueRange(named);
    const within = range === undefined ? undefined : isInRange(key, range);
    return within ?? isSame(key, named, style, step);
  }
  if (named === null || typeof named === 'object') return undefined;
  return isSame(key, named, style, step);
}

/** A list, or a text that holds one. */
function listOf(named: JsonValue): readonly JsonValue[] | undefined {
  if (Array.isArray(named)) return named as readonly JsonValue[];
  if (typeof named !== 'string' || !named.trimStart().startsWith('[')) return undefined;
  try {
    const value = JSON.parse(named) as JsonValue;
    return Array.isArray(value) ? (value as readonly JsonValue[]) : undefined;
  } catch {
    return undefined;
  }
}

function isSame(key: JsonValue, named: JsonValue, { keysArePatterns }: ConditionStyle, step: () => void): boolean {
  const [own, wanted] = [scalarText(key), scalarText(named)];
  if (own === undefined || wanted === undefined) return areEqual(key, named, step);
  return matchesWildcard(wanted, own) || (keysArePatterns && matchesWildcard(own, wanted));
}

/** Numbers and truth values count as what they are written as. */
function scalarText(value: JsonValue): string | undefined {
  return value === null || typeof value === 'object' ? undefined : String(value);
}
