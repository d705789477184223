import { SeaworthyError } from '../../../base/error.ts';

/** A question about images cannot be understood. */
export class TriageError extends SeaworthyError<'TRIAGE_INVALID'> {
  override readonly name = 'TriageError';
}
