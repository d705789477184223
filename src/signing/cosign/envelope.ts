import { decodeBase64 } from '../../codec/base64/decode.ts';
import { CodecError } from '../../codec/error.ts';
import { parseStrictJson } from '../../codec/json/parse.ts';
import type { EnvelopeContent } from '../entity.ts';

/**
 * Reads a DSSE envelope as a `.att` layer has it (DSSE, envelope.md): with one signature, since with two nobody could say
 * which of them was verified.
 *
 * @throws CodecError
 */
export function parseEnvelope(bytes: Uint8Array): EnvelopeContent {
  const envelope = parseStrictJson(bytes);
  if (!isObject(envelope)) throw malformed('it is not an object');
  const { payloadType, payload, signatures } = envelope;
  if (typeof payloadType !== 'string' || payloadType === '') throw malformed('it has no payloadType');
  if (typeof payload !== 'string') throw malformed('it has no payload');
  if (!Array.isArray(signatures) || signatures.length !== 1) throw malformed('it has not exactly one signature');
  const [first] = signatures as unknown[];
  if (!isObject(first)) throw malformed('its signature is not an object');
  const { keyid, sig } = first;
  if (typeof sig !== 'string' || sig === '') throw malformed('it has no sig');
  if (keyid !== undefined && typeof keyid !== 'string') throw malformed('its keyid is not a text');
  return {
    kind: 'envelope',
    payloadType,
    payload: decodeBase64(payload),
    signature: decodeBase64(sig),
    ...(keyid ? { keyId: keyid } : {}),
  };
}

/** The predicate type that a statement in an envelope names; undefined where there is none. Nothing is verified. */
export function predicateTypeIn(bytes: Uint8Array): string | undefined {
  try {
    const statement = parseStrictJson(parseEnvelope(bytes).payload);
    const type = isObject(statement) ? statement['predicateType'] : undefined;
    return typeof type === 'string' ? type : undefined;
  } catch (error) {
    if (error instanceof CodecError) return undefined;
    throw error;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function malformed(what: string): CodecError {
  return new CodecError('MALFORMED', `The envelope cannot be read: ${what}`);
}
