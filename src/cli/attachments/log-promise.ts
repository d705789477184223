import { CodecError } from '../../codec/error.ts';
import { parseStrictJson } from '../../codec/json/parse.ts';

/**
 * Reads what `attach signature --rekor-response` takes and gives the text of the annotation: what cosign writes there
 * (`{"SignedEntryTimestamp", "Payload"}`), or the answer of Rekor v1 to a new entry (`{uuid: {body, …, verification}}`).
 *
 * @throws CodecError MALFORMED for other documents
 */
export function logPromise(bytes: Uint8Array): string {
  const document = asObject(parseStrictJson(bytes));
  if (document['SignedEntryTimestamp'] !== undefined) return JSON.stringify(document);
  const [entry, ...others] = Object.values(document);
  if (entry === undefined || others.length > 0) throw malformed();
  const { body, integratedTime, logIndex, logID, verification } = asObject(entry);
  const { signedEntryTimestamp } = asObject(verification);
  if (signedEntryTimestamp === undefined) throw malformed();
  return JSON.stringify({
    SignedEntryTimestamp: signedEntryTimestamp,
    Payload: { body, integratedTime, logIndex, logID },
  });
}

function asObject(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw malformed();
}

function malformed(): CodecError {
  return new CodecError('MALFORMED', 'It is neither a log bundle of cosign nor an answer of Rekor to a new entry');
}
