import * as api from '../../cloud/ask-json.ts';
import type { JsonAnswer, JsonQuestion } from '../../cloud/ask-json.ts';
import { decodeBase64 } from '../../codec/base64/decode.ts';
import type { Network } from '../../net/network.ts';
import type { JsonObject } from '../../oci/json.ts';
import { SigningError } from '../error.ts';
import { keyUnavailable, orKeyUnavailable } from './key-unavailable.ts';

/**
 * Asks the API of a service that holds keys. No status is a failure here; see {@link expectOk}. Standby servers of some send their
 * clients on.
 *
 * @throws SigningError KEY_UNAVAILABLE when nothing or something else than JSON came back, or the signal's reason
 */
export function askJson(network: Network, question: JsonQuestion): Promise<JsonAnswer> {
  return orKeyUnavailable(api.askJson(network, { followRedirects: true, ...question }));
}

/** Sends a request and reads the whole answer. @throws SigningError KEY_UNAVAILABLE, or the signal's reason */
export function askBytes(...parts: Parameters<typeof api.askBytes>): ReturnType<typeof api.askBytes> {
  return orKeyUnavailable(api.askBytes(...parts));
}

/** Throws unless an answer is a success. @throws SigningError KEY_UNAVAILABLE */
export function expectOk(answer: JsonAnswer, service: string, what: string): JsonObject {
  try {
    return api.expectOk(answer, service, what);
  } catch (error) {
    throw keyUnavailable(error);
  }
}

/** The text of a field. @throws SigningError KEY_UNAVAILABLE */
export function expectText(document: JsonObject, name: string, service: string): string {
  try {
    return api.expectText(document, name, service);
  } catch (error) {
    throw keyUnavailable(error);
  }
}

/** The octets of a field that is base64. @throws SigningError KEY_UNAVAILABLE */
export function expectBytes(
  document: JsonObject,
  name: string,
  service: string,
  decode: (text: string) => Buffer = decodeBase64,
): Buffer {
  const text = expectText(document, name, service);
  try {
    return decode(text);
  } catch (cause) {
    throw new SigningError('KEY_UNAVAILABLE', `${service} answered with a ${name} that is not base64`, { cause });
  }
}
