import type { JsonObject, JsonValue } from '../../../lang/jmespath/value.ts';

/** An object without the members that are not there. */
export function present(members: Readonly<Record<string, JsonValue | undefined>>): JsonObject {
  return Object.fromEntries(
    Object.entries(members).filter((pair): pair is [string, JsonValue] => pair[1] !== undefined),
  );
}
