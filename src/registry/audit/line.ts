import { errorMessage } from '../../base/error.ts';
import { escapeJson } from '../../base/printable-json.ts';
import { parseStrictJson } from '../../codec/json/parse.ts';
import type { SealedEntry } from './chain.ts';
import { AuditError } from './error.ts';
import { auditLimits } from './limits.ts';
import { sealedEntry } from './schema.ts';

/** Writes a record as one line of JSON, without the line break. */
export function formatAuditLine({ chain, sequence, previous, hash, entry }: SealedEntry): string {
  return escapeJson(JSON.stringify({ chain, sequence, previous, hash, entry }));
}

/** Reads what {@link formatAuditLine} wrote. @throws AuditError AUDIT_RECORD_INVALID, LIMIT_EXCEEDED */
export function parseAuditLine(line: string): SealedEntry {
  if (line.length > auditLimits.line) {
    throw new AuditError(
      'LIMIT_EXCEEDED',
      `A line has more than ${auditLimits.line} characters; it is no audit record`,
    );
  }
  let value: unknown;
  try {
    value = parseStrictJson(new TextEncoder().encode(line), 4);
  } catch (cause) {
    throw invalid(errorMessage(cause), cause);
  }
  const result = sealedEntry.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const place = ['$', ...(issue?.path ?? [])].map(String).join('.');
  throw invalid(`At ${place}: ${issue?.message ?? 'it does not fit'}`, result.error);
}

function invalid(why: string, cause: unknown): AuditError {
  return new AuditError('AUDIT_RECORD_INVALID', `${why}; give the lines as they were exported`, { cause });
}
