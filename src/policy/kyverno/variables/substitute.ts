import type { JsonValue } from '../../../lang/jmespath/value.ts';
import { compileTemplate, type Search } from './template.ts';

/**
 * Puts the values of variables in their places, once; {@link compileTemplate} says how.
 *
 * @throws LangError what `search` throws; SYNTAX; EVALUATION for a variable that gives nothing, or can be no part of an expression;
 * LIMIT_EXCEEDED
 */
export function substitute(value: JsonValue, search: Search): JsonValue {
  return compileTemplate(value).fill(search);
}
