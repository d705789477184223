import { asText, type JsonObject } from '../../oci/json.ts';
import { CloudError, type CloudErrorCode } from '../error.ts';

/** What messages call those who give tokens. */
export const service = 'Google';

/** A text that credentials must have. @throws CloudError CREDENTIALS_INVALID */
export function field(document: JsonObject, name: string): string {
  const value = asText(document[name]);
  if (value === undefined) throw unavailable(`the credentials have no ${name}`);
  return value;
}

/** Why Google cannot be asked. */
export function unavailable(why: string, code: CloudErrorCode = 'CREDENTIALS_INVALID'): CloudError {
  return new CloudError(code, `Google Cloud cannot be asked: ${why}`);
}
