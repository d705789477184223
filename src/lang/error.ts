import { SeaworthyError } from '../base/error.ts';

/** What can be wrong with an expression or a document of a small language. */
export type LangErrorCode =
  /** It cannot be read. */
  | 'SYNTAX'
  /** It can be read but not carried out: a field is missing, types do not fit. */
  | 'EVALUATION'
  | 'LIMIT_EXCEEDED';

/** An expression cannot be read or carried out. */
export class LangError extends SeaworthyError<LangErrorCode> {
  override readonly name = 'LangError';
}
