import { decodeBase64 } from '../../codec/base64/decode.ts';
import { CodecError } from '../../codec/error.ts';
import { parseStrictJson } from '../../codec/json/parse.ts';
import type { LogEntry } from '../entity.ts';

/**
 * Reads the annotation that cosign keeps a log's promise in: `{"SignedEntryTimestamp", "Payload": {"body",
 * "integratedTime", "logIndex", "logID"}}` (cosign, SIGNATURE_SPEC.md, "bundle"). Kind and version are those that the
 * body names, so whoever verifies compares them with what it can read.
 *
 * @throws CodecError
 */
export function parseLogBundle(text: string): LogEntry {
  const bundle = asObject(parseStrictJson(Buffer.from(text)), 'the bundle');
  const payload = asObject(bundle['Payload'], 'Payload');
  const body = decodeBase64(asText(payload['body'], 'body'));
  const { kind, apiVersion } = asObject(parseStrictJson(body), 'the body');
  const logId = asText(payload['logID'], 'logID');
  // SHA-256 of the log's key (Rekor, api/v1).
  if (!/^[0-9a-f]{64}$/.test(logId)) throw malformed('logID is not a SHA-256 in lower-case hex');
  return {
    logIndex: asCount(payload['logIndex'], 'logIndex'),
    logId: Buffer.from(logId, 'hex'),
    kind: asText(kind, 'kind'),
    version: asText(apiVersion, 'apiVersion'),
    integratedTime: asCount(payload['integratedTime'], 'integratedTime'),
    promise: decodeBase64(asText(bundle['SignedEntryTimestamp'], 'SignedEntryTimestamp')),
    body,
  };
}

/** Writes a promise as cosign does. The entry must have one. @throws CodecError MALFORMED */
export function formatLogBundle(entry: LogEntry): string {
  if (entry.promise === undefined) throw malformed('the entry has no promise of its log');
  return JSON.stringify({
    SignedEntryTimestamp: entry.promise.toString('base64'),
    Payload: {
      body: entry.body.toString('base64'),
      integratedTime: Number(entry.integratedTime),
      logIndex: Number(entry.logIndex),
      logID: entry.logId.toString('hex'),
    },
  });
}

/** Reads the annotation with a timestamp: `{"SignedRFC3161Timestamp": base64}`. @throws CodecError */
export function parseTimestampAnnotation(text: string): Buffer {
  const object = asObject(parseStrictJson(Buffer.from(text)), 'the timestamp');
  return decodeBase64(asText(object['SignedRFC3161Timestamp'], 'SignedRFC3161Timestamp'));
}

function asObject(value: unknown, name: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw malformed(`${name} is not an object`);
}

function asText(value: unknown, name: string): string {
  if (typeof value === 'string' && value !== '') return value;
  throw malformed(`${name} is not a text`);
}

/** Numbers beyond what JSON readers hold exactly would be other numbers to other readers. */
function asCount(value: unknown, name: string): bigint {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return BigInt(value);
  throw malformed(`${name} is not a number from 0 on`);
}

function malformed(what: string): CodecError {
  return new CodecError('MALFORMED', `The log bundle cannot be read: ${what}`);
}
