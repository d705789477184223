import { LangError } from '../../error.ts';
import { areEqual, boundedText, checkTextLength, type JsonObject, type JsonValue, objectOf, typeOf } from '../value.ts';
import { type CallContext, type JmespathFunction, type Operand, valueFunction } from './declare.ts';
import { compareCodePoints } from './compare-text.ts';

type List = readonly JsonValue[];

/** The functions of the specification (jmespath.org/specification.html, "Built-in Functions"). */
export const standardFunctions: readonly JmespathFunction[] = [
  valueFunction('abs', ['number'], ([value]) => Math.abs(value as number)),
  valueFunction('avg', ['array-number'], ([values], { step }) => {
    const numbers = values as readonly number[];
    return numbers.length === 0 ? null : sum(numbers, step) / numbers.length;
  }),
  valueFunction('ceil', ['number'], ([value]) => Math.ceil(value as number)),
  valueFunction('contains', [['array', 'string'], 'any'], ([subject, wanted = null], { step }) => {
    if (typeof subject === 'string') return typeof wanted === 'string' && subject.includes(wanted);
    return (subject as List).some((each) => areEqual(each, wanted, step));
  }),
  valueFunction('ends_with', ['string', 'string'], ([text, end]) => (text as string).endsWith(end as string)),
  valueFunction('floor', ['number'], ([value]) => Math.floor(value as number)),
  valueFunction('join', ['string', 'array-string'], ([glue, parts]) =>
    join(glue as string, parts as readonly string[]),
  ),
  valueFunction('keys', ['object'], ([value]) => Object.keys(value as JsonObject)),
  valueFunction('length', [['string', 'array', 'object']], ([value = null]) => lengthOf(value)),
  {
    name: 'map',
    parameters: [['reference'], ['array']],
    call: ([reference, list]) => listIn(list).map((each) => searchOf(reference)(each)),
  },
  valueFunction('max', [['array-number', 'array-string']], ([values], { step }) =>
    best(values as List, itself, 1, step),
  ),
  by('max_by', (values, key, { step }) => best(values, key, 1, step)),
  valueFunction(
    'merge',
    ['object'],
    (values) => objectOf(values.flatMap((each) => Object.entries(each as JsonObject))),
    { isVariadic: true },
  ),
  valueFunction('min', [['array-number', 'array-string']], ([values], { step }) =>
    best(values as List, itself, -1, step),
  ),
  by('min_by', (values, key, { step }) => best(values, key, -1, step)),
  valueFunction('not_null', ['any'], (values) => values.find((each) => each !== null) ?? null, { isVariadic: true }),
  valueFunction('reverse', [['string', 'array']], ([value]) =>
    typeof value === 'string' ? Array.from(value).reverse().join('') : [...(value as List)].reverse(),
  ),
  valueFunction('sort', [['array-number', 'array-string']], ([values], { step }) =>
    sorted(values as List, itself, step),
  ),
  by('sort_by', (values, key, { step }) => sorted(values, key, step)),
  valueFunction('starts_with', ['string', 'string'], ([text, start]) => (text as string).startsWith(start as string)),
  valueFunction('sum', ['array-number'], ([values], { step }) => sum(values as readonly number[], step)),
  valueFunction('to_array', ['any'], ([value = null]) => (Array.isArray(value) ? value : [value])),
  valueFunction('to_number', ['any'], ([value = null]) => toNumber(value)),
  valueFunction('to_string', ['any'], ([value = null]) =>
    typeof value === 'string' ? value : boundedText(JSON.stringify(value)),
  ),
  valueFunction('type', ['any'], ([value = null]) => typeOf(value)),
  valueFunction('values', ['object'], ([value]) => Object.values(value as JsonObject)),
];

function itself(value: JsonValue): JsonValue {
  return value;
}

function sum(numbers: readonly number[], step: () => void): number {
  let total = 0;
  for (const each of numbers) {
    step();
    total += each;
  }
  return total;
}

function join(glue: string, parts: readonly string[]): string {
  checkTextLength(parts.reduce((total, part) => total + part.length, glue.length * Math.max(0, parts.length - 1)));
  return parts.join(glue);
}

/** Of a text, in code points. */
function lengthOf(value: JsonValue): number {
  if (typeof value === 'string') return Array.from(value).length;
  return Array.isArray(value) ? value.length : Object.keys(value as JsonObject).length;
}

function toNumber(value: JsonValue): JsonValue {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string' || !/^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(value)) return null;
  const number = Number(value);
  return Number.isFinite(number) ? number : null;
}

function by(
  name: string,
  call: (values: List, key: (value: JsonValue) => JsonValue, context: CallContext) => JsonValue,
): JmespathFunction {
  return {
    name,
    parameters: [['array'], ['reference']],
    call: ([list, reference], context) => call(listIn(list), keyOf(name, searchOf(reference)), context),
  };
}

/** The key of each element, which must be of one type in all of them. */
function keyOf(name: string, search: (value: JsonValue) => JsonValue): (value: JsonValue) => JsonValue {
  let type: string | undefined;
  return (value) => {
    const key = search(value);
    if (typeof key !== 'number' && typeof key !== 'string') {
      throw new LangError('EVALUATION', `${name}() compares numbers or texts, and one of its keys is ${typeOf(key)}`);
    }
    type ??= typeof key;
    if (type !== typeof key)
      throw new LangError('EVALUATION', `${name}() has keys that are numbers and others that are texts`);
    return key;
  };
}

function best(values: List, key: (value: JsonValue) => JsonValue, sign: 1 | -1, step: () => void): JsonValue {
  let found: JsonValue = null;
  let foundKey: JsonValue | undefined;
  for (const each of values) {
    step();
    const own = key(each);
    if (foundKey !== undefined && sign * compareKeys(own, foundKey) <= 0) continue;
    found = each;
    foundKey = own;
  }
  return found;
}

function sorted(values: List, key: (value: JsonValue) => JsonValue, step: () => void): JsonValue {
  const keyed = values.map((each) => [key(each), each] as const);
  return keyed
    .sort(([left], [right]) => {
      step();
      return compareKeys(left, right);
    })
    .map(([, each]) => each);
}

function compareKeys(left: JsonValue, right: JsonValue): number {
  if (typeof left === 'number' && typeof right === 'number') return left - right;
  return compareCodePoints(left as string, right as string);
}

function listIn(operand: Operand | undefined): List {
  return operand?.kind === 'value' && Array.isArray(operand.value) ? operand.value : [];
}

function searchOf(operand: Operand | undefined): (value: JsonValue) => JsonValue {
  return operand?.kind === 'reference' ? operand.search : itself;
}
