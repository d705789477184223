import { CodecError } from '../../codec/error.ts';
import type { LogEntry } from '../entity.ts';
import { parseEntryBody } from './entry-body.ts';
import { type LoggedSubject, matchBody } from './match-body.ts';
import { brokenContract } from './service.ts';

/**
 * Reads what a log answered and sees that it is about what was sent. Whether the log may be believed is for a
 * verification to find out.
 *
 * @throws SigningError SERVICE_PROTOCOL
 */
export function readLogAnswer(baseUrl: string, subject: LoggedSubject, read: () => LogEntry): LogEntry {
  let entry: LogEntry;
  let mismatch;
  try {
    entry = read();
    mismatch = matchBody(parseEntryBody(entry.body), subject);
  } catch (cause) {
    if (!(cause instanceof CodecError)) throw cause;
    throw brokenContract(baseUrl, 'sent an entry that cannot be read', { cause });
  }
  if (mismatch !== undefined) {
    throw brokenContract(baseUrl, `sent an entry that ${mismatch.what} than the one it was given`);
  }
  if (entry.proof?.checkpoint === undefined) throw brokenContract(baseUrl, 'sent an entry without its proof');
  return entry;
}
