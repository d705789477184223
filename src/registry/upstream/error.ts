import { SeaworthyError } from '../../base/error.ts';

/** Why work on what came from upstreams cannot be done. */
export type UpstreamErrorCode =
  /** What runs is not known: its list is not there, cannot be read, is too large, or is too old to say. */
  'RUNNING_UNKNOWN';

/** Work on what came from upstreams was left undone. */
export class UpstreamError extends SeaworthyError<UpstreamErrorCode> {
  override readonly name = 'UpstreamError';
}
