import { parseExpiry } from '../../base/expiry.ts';
import { parseStrictJson } from '../../codec/json/parse.ts';
import { asText, isObject } from '../json.ts';
import type { PartCredentials } from './credential-part.ts';
import { bearerHeader } from './token.ts';

/** What a plugin gave. */
export interface PluginCredentials extends PartCredentials {
  /** Milliseconds since 1970; absent where it holds until the server refuses it. */
  readonly expires?: number;
}

/**
 * Reads what a plugin printed (client.authentication.k8s.io, "ExecCredential").
 *
 * @param complain makes the error; what it is told holds nothing of the answer, which is secret
 */
export function parseExecCredential(
  output: Uint8Array,
  apiVersion: string,
  complain: (why: string) => Error,
): PluginCredentials {
  let document: unknown;
  try {
    document = parseStrictJson(output);
  } catch {
    throw complain('printed something that is no JSON');
  }
  if (!isObject(document) || document['kind'] !== 'ExecCredential')
    throw complain('printed something that is no ExecCredential');
  if (document['apiVersion'] !== apiVersion) throw complain(`answered in another version than ${apiVersion}`);
  const status = isObject(document['status']) ? document['status'] : {};
  const token = asText(status['token']);
  const certificate = asText(status['clientCertificateData']);
  const key = asText(status['clientKeyData']);
  if ((certificate === undefined) !== (key === undefined))
    throw complain('gave a certificate without its key, or a key alone');
  if (token === undefined && certificate === undefined) throw complain('gave neither a token nor a certificate');
  const stamp = status['expirationTimestamp'];
  const expires = typeof stamp === 'string' ? parseExpiry(stamp) : undefined;
  if (stamp !== undefined && stamp !== null && expires === undefined)
    throw complain('gave an expirationTimestamp that is no time');
  return {
    ...(token === undefined ? {} : { authorization: bearerHeader(token, 'The token of a credential plugin') }),
    ...(certificate === undefined || key === undefined
      ? {}
      : { certificate: { certificate: Buffer.from(certificate), key: Buffer.from(key) } }),
    ...(expires === undefined ? {} : { expires }),
  };
}
