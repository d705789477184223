import { isObject, type JsonObject, memberOf } from '../../lang/jmespath/value.ts';

/** Whether an object is going: it waits for its finalizers alone. */
export function isDeleted(object: JsonObject): boolean {
  const metadata = memberOf(object, 'metadata');
  return isObject(metadata) && typeof memberOf(metadata, 'deletionTimestamp') === 'string';
}
