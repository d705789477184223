import { parseStrictJson } from '../../codec/json/parse.ts';
import { asObject } from '../../oci/json.ts';
import type { LogEntry } from '../entity.ts';
import { parseEntryKind } from './entry-body.ts';
import { bytesIn, hexIn, integerIn, malformed, objectIn } from './fields.ts';

/** An entry with its log's promise, which is all that cosign's older layout keeps. */
export type PromisedLogEntry = LogEntry & { readonly promise: Buffer };

/** A log entry as the annotation `dev.sigstore.cosign/bundle` has it, names in cosign's order; its proof is left out. */
export function encodeCosignAnnotation({ promise, body, integratedTime, logIndex, logId }: PromisedLogEntry): string {
  return JSON.stringify({
    SignedEntryTimestamp: promise.toString('base64'),
    Payload: {
      body: body.toString('base64'),
      integratedTime: Number(integratedTime),
      logIndex: Number(logIndex),
      logID: logId.toString('hex'),
    },
  });
}

/** Reads such an annotation; kind and version are those of the body. @throws CodecError */
export function decodeCosignAnnotation(text: string): PromisedLogEntry {
  const annotation = asObject(parseStrictJson(Buffer.from(text)), 'it', malformed);
  const payload = objectIn(annotation, 'Payload');
  const body = bytesIn(payload, 'body');
  return {
    logIndex: integerIn(payload, 'logIndex'),
    logId: hexIn(payload, 'logID'),
    ...parseEntryKind(body),
    integratedTime: integerIn(payload, 'integratedTime'),
    promise: bytesIn(annotation, 'SignedEntryTimestamp'),
    body,
  };
}
