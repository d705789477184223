import { SeaworthyError } from '../base/error.ts';

/** What can be wrong with a feed as a whole; single bad records are dropped and counted instead. */
export type AdvisoryErrorCode =
  /** The source surely does not have it. */
  | 'FEED_MISSING'
  /** It could not be had, or not be looked for. */
  | 'FEED_UNAVAILABLE'
  | 'FEED_EMPTY'
  | 'FEED_MALFORMED'
  | 'LIMIT_EXCEEDED';

/** A feed of advisories could not be had or read. */
export class AdvisoryError extends SeaworthyError<AdvisoryErrorCode> {
  override readonly name = 'AdvisoryError';
}
