import { type JsonValue, typeOf } from '../../../lang/jmespath/value.ts';
import { compareAmounts, compareDurations, numberOf } from '../condition/compare.ts';
import { isInRange, parseValueRange } from '../condition/range.ts';
import { matchesWildcard } from '../wildcard.ts';

const operators = ['>=', '<=', '>', '<', '!'] as const;

/** Whether a value is as a leaf of a pattern says (Kyverno, "Operators" of patterns). */
export function matchesLeaf(value: JsonValue, pattern: JsonValue): boolean {
  switch (typeOf(pattern)) {
    case 'null':
      return isNothing(value);
    case 'boolean':
      return value === pattern;
    case 'number':
      return numberOf(value) === pattern;
    default:
      return typeof pattern === 'string' && matchesText(value, pattern);
  }
}

/** A pattern of nothing takes what a field has that nobody set. */
function isNothing(value: JsonValue): boolean {
  return value === null || value === false || value === 0 || value === '';
}

/** `a | b` is either, `a & b` is both, and `&` binds more. */
function matchesText(value: JsonValue, pattern: string): boolean {
  return pattern.split('|').some((either) => either.split('&').every((part) => matchesPart(value, part.trim())));
}

function matchesPart(value: JsonValue, part: string): boolean {
  const range = parseValueRange(part);
  if (range !== undefined) return isInRange(value, range) ?? false;
  const operator = operators.find((each) => part.startsWith(each));
  const wanted = operator === undefined ? part : part.slice(operator.length).trim();
  // A number is an amount and no seconds: `1500m` of a processor is 1.5 of it.
  const durations = typeof value === 'string' ? compareDurations(value, wanted) : undefined;
  const order = durations ?? compareAmounts(value, wanted);
  switch (operator) {
    case undefined:
      return order === undefined ? isLike(value, wanted) : order === 0;
    case '!':
      return order === undefined ? isText(value) && !isLike(value, wanted) : order !== 0;
    case '>=':
      return order !== undefined && order >= 0;
    case '<=':
      return order !== undefined && order <= 0;
    case '>':
      return order !== undefined && order > 0;
    default:
      return order !== undefined && order < 0;
  }
}

/** Numbers and truth values count as what they are written as. */
function isText(value: JsonValue): value is string | number | boolean {
  return value !== null && typeof value !== 'object';
}

function isLike(value: JsonValue, wanted: string): boolean {
  return isText(value) && matchesWildcard(wanted, String(value));
}
