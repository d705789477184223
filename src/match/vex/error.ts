import { SeaworthyError } from '../../base/error.ts';

/** What can be wrong with a VEX document as a whole. */
export type VexErrorCode = 'VEX_UNRECOGNISED' | 'VEX_MALFORMED' | 'VEX_VERSION_UNSUPPORTED' | 'VEX_LIMIT_EXCEEDED';

/** A VEX document that cannot be used. */
export class VexError extends SeaworthyError<VexErrorCode> {
  override readonly name = 'VexError';
}
