import { SeaworthyError } from '../../base/error.ts';

/** What can be wrong with an audit trail or a question about it. */
export type AuditErrorCode =
  /** A record is not in the form in which they are written. */
  'AUDIT_RECORD_INVALID' | 'AUDIT_CHAIN_INVALID' | 'AUDIT_HEAD_INVALID' | 'AUDIT_FILTER_INVALID' | 'LIMIT_EXCEEDED';

/** An audit trail cannot be written, read or searched. */
export class AuditError extends SeaworthyError<AuditErrorCode> {
  override readonly name = 'AuditError';
}
