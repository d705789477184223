import { SeaworthyError } from '../base/error.ts';

/** What can be wrong with a layer's tree. */
export type RootfsErrorCode = 'INDEX_CORRUPT' | 'LIMIT_EXCEEDED' | 'DIRECTORY_UNREADABLE';

/** A tree of files could not be built. */
export class RootfsError extends SeaworthyError<RootfsErrorCode> {
  override readonly name = 'RootfsError';
}
