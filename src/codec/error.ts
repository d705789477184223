import { SeaworthyError } from '../base/error.ts';

/** What can be wrong with bytes. */
export type CodecErrorCode = 'TRUNCATED' | 'MALFORMED' | 'UNSUPPORTED' | 'LIMIT_EXCEEDED';

/** Bytes break their format, or pass a limit. */
export class CodecError extends SeaworthyError<CodecErrorCode> {
  override readonly name = 'CodecError';
}
