import { askSurely as ask } from '../../cloud/ask-surely.ts';
import type { JsonObject } from '../../oci/json.ts';
import { orKeyUnavailable } from './key-unavailable.ts';

/** Asks the API of a service that holds keys, and gives what a success holds. @throws SigningError KEY_UNAVAILABLE, or the signal's reason */
export function askSurely(
  deps: Parameters<typeof ask>[0],
  question: Parameters<typeof ask>[1],
  what: string,
): Promise<JsonObject> {
  return orKeyUnavailable(ask(deps, { followRedirects: true, ...question }, what));
}
