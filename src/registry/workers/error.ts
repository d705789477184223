import { SeaworthyError } from '../../base/error.ts';

/** A process of a registry did not start, did not answer, or ended. */
export class WorkerError extends SeaworthyError<'WORKER_FAILED'> {
  override readonly name = 'WorkerError';
}
