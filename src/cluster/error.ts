import { SeaworthyError } from '../base/error.ts';

/** Why a cluster was not listed. */
export type ClusterErrorCode =
  /** Namespaces or kinds were selected in a way that means nothing. */
  | 'SELECTION_INVALID'
  /** Nothing that runs may be listed, so that nothing is known. */
  | 'NOTHING_LISTED'
  /** There is more than is kept. */
  | 'LIMIT_EXCEEDED';

/** What a cluster runs could not be told. */
export class ClusterError extends SeaworthyError<ClusterErrorCode> {
  override readonly name = 'ClusterError';
}
