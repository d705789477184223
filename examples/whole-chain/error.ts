import { SeaworthyError } from '../../src/base/error.ts';

/** What can end the chain early: no place to run in, a step that did not do what it shows, or a server that did not come up. */
export type ChainErrorCode = 'FOLDER_UNAVAILABLE' | 'STEP_FAILED' | 'SERVER_FAILED';

/** The chain cannot go on. The message says which step it was, and has what was said there. */
export class ChainError extends SeaworthyError<ChainErrorCode> {
  override readonly name = 'ChainError';
}
