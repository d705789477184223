import { jmespathLimits } from '../../../lang/jmespath/limits.ts';
import { LangError } from '../../../lang/error.ts';
import type { JsonValue } from '../../../lang/jmespath/value.ts';

/**
 * A value of an object as Kubernetes gives it to expressions: whole numbers are ints there, and bigints here.
 *
 * @throws LangError LIMIT_EXCEEDED for one with too many parts within each other
 */
export function celValue(value: JsonValue, depth: number = 0): unknown {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (value === null || typeof value !== 'object') return value;
  if (depth > jmespathLimits.nesting) {
    throw new LangError('LIMIT_EXCEEDED', `A value has more than ${jmespathLimits.nesting} parts within each other`);
  }
  if (Array.isArray(value)) return (value as readonly JsonValue[]).map((each) => celValue(each, depth + 1));
  const made: Record<string, unknown> = {};
  for (const [name, each] of Object.entries(value)) {
    const own = celValue(each, depth + 1);
    // That one name would set what the object inherits from.
    if (name === '__proto__')
      Object.defineProperty(made, name, { value: own, enumerable: true, writable: true, configurable: true });
    else made[name] = own;
  }
  return made;
}
