import { type JsonValue, typeOf } from '../../../lang/jmespath/value.ts';
import { compareAmounts, compareDurations, numberOf } from '../condition/compare.ts';
import { isInRange, parseValueRange } from '../condition/range.ts';
import { matchesWildcard } from '../wildcard.ts';

const operators = ['>=', '<=', '>', '<', '!'] as const;

/** Whether a value is as a leaf of a pattern says. */
export type LeafTest = (value: JsonValue) => boolean;

/** Reads a leaf of a pattern (Kyverno, "Operators" of patterns). */
export function compileLeaf(pattern: JsonValue): LeafTest {
  switch (typeOf(pattern)) {
    case 'null':
      return isNothing;
    case 'boolean':
      return (value) => value === pattern;
    case 'number':
      return (value) => numberOf(value) === pattern;
    default:
      return typeof pattern === 'string' ? compileText(pattern) : () => false;
  }
}

/** A pattern of nothing takes what a field has that nobody set. */
function isNothing(value: JsonValue): boolean {
  return value === null || value === false || value === 0 || value === '';
}

/** `a | b` is either, `a & b` is both, and `&` binds more. */
function compileText(pattern: string): LeafTest {
  const either = pattern.split('|').map((each) => each.split('&').map((part) => compilePart(part.trim())));
  const [only, ...others] = either;
  if (only?.length === 1 && others.length === 0) return only[0] as LeafTest;
  return (value) => either.some((all) => all.every((test) => test(value)));
}

function compilePart(part: string): LeafTest {
  const range = parseValueRange(part);
  if (range !== undefined) return (value) => isInRange(value, range) ?? false;
  const operator = operators.find((each) => part.startsWith(each));
  const wanted = operator === undefined ? part : part.slice(operator.length).trim();
  const order = compileOrder(wanted);
  switch (operator) {
    case undefined:
      return (value) => {
        const found = order(value);
        return found === undefined ? isLike(value, wanted) : found === 0;
      };
    case '!':
      return (value) => {
        const found = order(value);
        return found === undefined ? isText(value) && !isLike(value, wanted) : found !== 0;
      };
    case '>=':
      return (value) => (order(value) ?? -1) >= 0;
    case '<=':
      return (value) => (order(value) ?? 1) <= 0;
    case '>':
      return (value) => (order(value) ?? -1) > 0;
    default:
      return (value) => (order(value) ?? 1) < 0;
  }
}

/** How a value compares with a text, where both are durations or amounts. */
function compileOrder(wanted: string): (value: JsonValue) => number | undefined {
  // What is neither compares with nothing, whatever the value, and most texts are.
  if (compareDurations(wanted, wanted) === undefined && compareAmounts(wanted, wanted) === undefined) {
    return () => undefined;
  }
  return (value) => {
    // A number is an amount and no seconds: `1500m` of a processor is 1.5 of it.
    const durations = typeof value === 'string' ? compareDurations(value, wanted) : undefined;
    return durations ?? compareAmounts(value, wanted);
  };
}

/** Numbers and truth values count as what they are written as. */
function isText(value: JsonValue): value is string | number | boolean {
  return value !== null && typeof value !== 'object';
}

function isLike(value: JsonValue, wanted: string): boolean {
  return isText(value) && matchesWildcard(wanted, String(value));
}
