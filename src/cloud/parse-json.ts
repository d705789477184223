import { parseStrictJson } from '../codec/json/parse.ts';
import { asObject, type JsonObject } from '../oci/json.ts';
import { CloudError, type CloudErrorCode } from './error.ts';

/**
 * A JSON object of a metadata service, a program or a file. What is wrong with it is not told, since that may quote a secret.
 *
 * @throws CloudError ANSWER_INVALID where nothing else is named
 */
export function parseJson(bytes: Uint8Array, source: string, code: CloudErrorCode = 'ANSWER_INVALID'): JsonObject {
  const complain = (): CloudError => new CloudError(code, `${source} gave something that is no JSON object`);
  let value: unknown;
  try {
    value = parseStrictJson(bytes, 64);
  } catch {
    throw complain();
  }
  return asObject(value, source, complain);
}
