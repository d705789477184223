import type { LogEntry } from '../entity.ts';
import type { LogInstance } from '../trust/trust-material.ts';
import { verifyLogSignature } from './verify-log-signature.ts';

/**
 * What a log signs when it promises to hold an entry: its canonical JSON (RFC 8785) in one text, since names and order
 * never differ. Numbers are whole and, as JSON's canonical form demands, exact in double precision; others have no text.
 */
export function promiseText({ body, integratedTime, logId, logIndex }: LogEntry): string | undefined {
  if (integratedTime > Number.MAX_SAFE_INTEGER || logIndex > Number.MAX_SAFE_INTEGER) return undefined;
  const encoded = body.toString('base64');
  return `{"body":"${encoded}","integratedTime":${integratedTime},"logID":"${logId.toString('hex')}","logIndex":${logIndex}}`;
}

/** Whether a log's promise, its "signed entry timestamp", is by its key and about this entry, index and time. */
export function verifyPromise(entry: LogEntry, promise: Uint8Array, log: LogInstance): boolean {
  const text = promiseText(entry);
  return text !== undefined && verifyLogSignature(log.key, Buffer.from(text), promise);
}
