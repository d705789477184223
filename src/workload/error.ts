import { SeaworthyError } from '../base/error.ts';

/** Why what an object says of its Pods cannot be used. */
export type WorkloadErrorCode =
  /** A Secret that should hold credentials for registries does not. */
  'PULL_SECRET_INVALID';

/** Something that an object of a cluster names for its Pods cannot be used. Its message holds no credentials. */
export class WorkloadError extends SeaworthyError<WorkloadErrorCode> {
  override readonly name = 'WorkloadError';
}
