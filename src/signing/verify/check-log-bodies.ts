import { CodecError } from '../../codec/error.ts';
import type { LogEntry } from '../entity.ts';
import type { LogEntryBody } from '../log/body/body.ts';
import { parseEntryBody } from '../log/entry-body.ts';
import { foreignText } from '../log/foreign-text.ts';
import { type LoggedSubject, matchBody } from '../log/match-body.ts';
import { VerificationError } from './verification-error.ts';

/** Entries, and what they have to be about. */
export interface LogBodyQuestion extends LoggedSubject {
  readonly entries: readonly LogEntry[];
}

/**
 * Step 3 of a verification: each entry is about this signature, by this key or certificate, over this artifact or
 * envelope (CVE-2022-23649, CVE-2022-36056, CVE-2026-22703), and is of the kind and version that it is said to be.
 *
 * @returns what the entries say, in their order
 * @throws VerificationError
 */
export function checkLogBodies({ entries, ...subject }: LogBodyQuestion): LogEntryBody[] {
  return entries.map((entry) => {
    const body = readBody(entry);
    const mismatch = matchBody(body, subject);
    if (mismatch !== undefined) {
      const { what, found, wanted } = mismatch;
      throw new VerificationError('LOG_ENTRY_MISMATCH', `The log's entry ${what}`, {
        check: 'log-body',
        found,
        wanted,
      });
    }
    return body;
  });
}

function readBody(entry: LogEntry): LogEntryBody {
  let body: LogEntryBody;
  try {
    body = parseEntryBody(entry.body);
  } catch (cause) {
    if (!(cause instanceof CodecError)) throw cause;
    const code = cause.code === 'UNSUPPORTED' ? 'SIGNATURE_UNSUPPORTED' : 'SIGNATURE_MALFORMED';
    throw new VerificationError(code, cause.message, { check: 'log-body' }, { cause });
  }
  if (body.kind !== entry.kind || body.version !== entry.version) {
    throw new VerificationError('LOG_ENTRY_MISMATCH', "The log's entry is of another kind than the signature says", {
      check: 'log-body',
      found: `${body.kind} ${body.version}`,
      wanted: foreignText(`${entry.kind} ${entry.version}`),
    });
  }
  return body;
}
