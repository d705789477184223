import { LangError } from '../../lang/error.ts';
import type { JsonValue } from '../../lang/jmespath/value.ts';
import type { Gathered } from '../evidence.ts';

/**
 * What came of looking something up; undefined where there is nothing.
 *
 * @param what for people: `ConfigMap default/keys`
 * @throws LangError EVALUATION where it is not known
 */
export function lookedUp(found: Gathered<JsonValue>, what: string): JsonValue | undefined {
  switch (found.state) {
    case 'known':
      return found.value;
    case 'absent':
      return undefined;
    case 'pending':
      throw new LangError('EVALUATION', `${what} is still being looked up`);
    default:
      throw new LangError('EVALUATION', `${what} could not be looked up: ${found.reason}`);
  }
}
