import { jmespathLimits } from '../../../lang/jmespath/limits.ts';
import { LangError } from '../../../lang/error.ts';
import type { JsonObject, JsonValue } from '../../../lang/jmespath/value.ts';

/**
 * A value of an object as Kubernetes gives it to expressions: whole numbers are ints there, and bigints here. What has none within it is the
 * value itself, which is most of an object, and all of it is for reading only.
 *
 * @throws LangError LIMIT_EXCEEDED for one with too many parts within each other
 */
export function celValue(value: JsonValue, depth: number = 0): unknown {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (value === null || typeof value !== 'object') return value;
  if (depth > jmespathLimits.nesting) {
    throw new LangError('LIMIT_EXCEEDED', `A value has more than ${jmespathLimits.nesting} parts within each other`);
  }
  return Array.isArray(value) ? celList(value as readonly JsonValue[], depth) : celMap(value as JsonObject, depth);
}

function celList(list: readonly JsonValue[], depth: number): readonly unknown[] {
  let made: unknown[] | undefined;
  for (const [at, each] of list.entries()) {
    const own = celValue(each, depth + 1);
    if (own === each) continue;
    made ??= [...list];
    made[at] = own;
  }
  return made ?? list;
}

function celMap(object: JsonObject, depth: number): Readonly<Record<string, unknown>> {
  let made: Record<string, unknown> | undefined;
  for (const name of Object.keys(object)) {
    const each = object[name] as JsonValue;
    const own = celValue(each, depth + 1);
    if (own === each) continue;
    // A copy has a member called `__proto__` of its own, so that setting it sets nothing else.
    made ??= { ...object };
    made[name] = own;
  }
  return made ?? object;
}
