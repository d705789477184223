import type { JsonObject, JsonValue } from '../../lang/jmespath/value.ts';
import type { Placed } from './model.ts';

/**
 * The values at a way through an object, with their places: `spec.rules[].verifyImages[]`. What is not there, or no list where the way
 * says that it is one, gives none.
 */
export function select(root: JsonValue, way: string, base: Placed<unknown>['path'] = []): readonly Placed<JsonValue>[] {
  let found: readonly Placed<JsonValue>[] = [{ path: base, value: root }];
  for (const part of way.split('.')) {
    const isList = part.endsWith('[]');
    const name = isList ? part.slice(0, -2) : part;
    found = found.flatMap(({ path, value }): readonly Placed<JsonValue>[] => {
      const member = memberAt(value, name);
      if (member === undefined) return [];
      const own = { path: [...path, name], value: member };
      if (!isList) return [own];
      if (!Array.isArray(member)) return [];
      return (member as readonly JsonValue[]).map((each, at) => ({ path: [...own.path, at], value: each }));
    });
  }
  return found;
}

/** Those of {@link select} that are texts. */
export function selectTexts(
  root: JsonValue,
  way: string,
  base: Placed<unknown>['path'] = [],
): readonly Placed<string>[] {
  return select(root, way, base).filter((each): each is Placed<string> => typeof each.value === 'string');
}

/** Whether there is something at a way. */
export function has(root: JsonValue, way: string): boolean {
  return select(root, way).some(({ value }) => value !== null && value !== '');
}

function memberAt(value: JsonValue, name: string): JsonValue | undefined {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return undefined;
  return Object.hasOwn(value, name) ? (value as JsonObject)[name] : undefined;
}
