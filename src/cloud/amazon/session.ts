import type { AwsCredentials } from '../../net/sigv4.ts';
import { asText, type JsonObject } from '../../oci/json.ts';
import { endOf } from '../access-token.ts';
import { CloudError, type CloudErrorCode } from '../error.ts';
import { cloudLimits } from '../limits.ts';

/** Credentials of AWS, and the time (milliseconds since 1970) after which they are looked up anew. */
export interface AwsSession {
  readonly credentials: AwsCredentials;
  readonly expiresAt: number;
}

/** The session of a document with `AccessKeyId`, `SecretAccessKey`, a token and `Expiration`. @throws CloudError ANSWER_INVALID */
export function sessionOf(document: JsonObject, source: string, tokenName: string, now: Date): AwsSession {
  const [id, secret, token] = [document['AccessKeyId'], document['SecretAccessKey'], document[tokenName]];
  const credentials = credentialsOf(asText(id), asText(secret), asText(token));
  if (credentials === undefined) throw unavailable(`${source} gave no credentials`, 'ANSWER_INVALID');
  // STS writes seconds in JSON, all others the time as text.
  const { Expiration: end } = document;
  const told = typeof end === 'number' ? end * 1000 : Date.parse(asText(end) ?? '');
  return { credentials, expiresAt: endOf(told, now) };
}

/** Credentials that have no end; looked up anew after a moment, since whoever keeps them may change them. */
export function lastingSession(credentials: AwsCredentials, now: Date): AwsSession {
  return { credentials, expiresAt: now.getTime() + cloudLimits.shortest };
}

/** Undefined unless there are an id and a secret. @throws CloudError CREDENTIALS_INVALID */
export function credentialsOf(
  accessKeyId: string | undefined,
  secretAccessKey: string | undefined,
  sessionToken: string | undefined,
): AwsCredentials | undefined {
  if (accessKeyId === undefined || accessKeyId === '' || secretAccessKey === undefined || secretAccessKey === '') {
    return undefined;
  }
  // They go into headers.
  if (!/^[\w-]{1,128}$/.test(accessKeyId) || (sessionToken !== undefined && !/^[\x21-\x7e]*$/.test(sessionToken))) {
    throw unavailable('the credentials have characters that none have');
  }
  const pair = { accessKeyId, secretAccessKey };
  return sessionToken === undefined || sessionToken === '' ? pair : { ...pair, sessionToken };
}

/** Why AWS cannot be asked. */
export function unavailable(why: string, code: CloudErrorCode = 'CREDENTIALS_INVALID'): CloudError {
  return new CloudError(code, `AWS cannot be asked: ${why}`);
}
