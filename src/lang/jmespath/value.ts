import { LangError } from '../error.ts';
import { jmespathLimits } from './limits.ts';

/** A value of JSON. What `undefined` would be is `null`. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;

/** Its members are its own enumerable ones alone. */
export interface JsonObject {
  readonly [name: string]: JsonValue;
}

/** Names of types as functions declare them (JMESPath specification, "Data Types"). */
export type JsonType = 'null' | 'boolean' | 'number' | 'string' | 'array' | 'object';

/** The type of a value. */
export function typeOf(value: JsonValue): JsonType {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return typeof value as Exclude<JsonType, 'null' | 'array'>;
}

/** Whether it is an object of JSON. */
export function isObject(value: JsonValue): value is JsonObject {
  return typeOf(value) === 'object';
}

/** A member of an object; null for what is no object, or has no such member of its own: `constructor` is nobody's. */
export function memberOf(value: JsonValue, name: string): JsonValue {
  return isObject(value) && Object.hasOwn(value, name) ? (value[name] ?? null) : null;
}

/** Makes an object in which `__proto__` is a name like any other. */
export function objectOf(members: Iterable<readonly [string, JsonValue]>): JsonObject {
  return Object.fromEntries(members);
}

/** Whether a value counts as false: null, false, and whatever is empty; zero does not ("Or Expressions"). */
export function isFalse(value: JsonValue): boolean {
  if (value === null || value === false || value === '') return true;
  if (Array.isArray(value)) return value.length === 0;
  return isObject(value) && Object.keys(value).length === 0;
}

/**
 * Whether two values are the same, members of objects in any order.
 *
 * @param step is called for each pair that is compared
 * @throws LangError LIMIT_EXCEEDED
 */
export function areEqual(left: JsonValue, right: JsonValue, step: () => void, depth = 0): boolean {
  step();
  if (depth > jmespathLimits.nesting) throw tooDeep();
  if (left === right) return true;
  if (Array.isArray(left) && Array.isArray(right)) {
    return left.length === right.length && left.every((each, at) => areEqual(each, right[at] ?? null, step, depth + 1));
  }
  if (!isObject(left) || !isObject(right)) return false;
  const names = Object.keys(left);
  if (names.length !== Object.keys(right).length) return false;
  return names.every(
    (name) => Object.hasOwn(right, name) && areEqual(left[name] ?? null, right[name] ?? null, step, depth + 1),
  );
}

/** @throws LangError LIMIT_EXCEEDED for a text that is longer than one may be */
export function boundedText(text: string): string {
  checkTextLength(text.length);
  return text;
}

/** For a text that is still to be made. @param length code units @throws LangError LIMIT_EXCEEDED */
export function checkTextLength(length: number): void {
  if (length <= jmespathLimits.text) return;
  throw new LangError('LIMIT_EXCEEDED', `The expression makes a text of more than ${jmespathLimits.text} characters`);
}

/** That a document has too many parts within each other. */
function tooDeep(): LangError {
  return new LangError('LIMIT_EXCEEDED', `A value has more than ${jmespathLimits.nesting} parts within each other`);
}
