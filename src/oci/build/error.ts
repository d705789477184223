import { SeaworthyError } from '../../base/error.ts';

/** What can keep an image from being built, besides what its base and its target say. */
export type BuildErrorCode =
  /** What was asked for makes no image: a name, a mode, two things in one place. */
  | 'BUILD_INVALID'
  /** A file that is to be added is not there, cannot be read, or is of a kind that images do not hold. */
  | 'INPUT_UNREADABLE'
  /** A file changed while it was read. */
  | 'INPUT_CHANGED'
  /** The base cannot be built on. */
  | 'BASE_UNSUITABLE'
  /** There is no room for layers, or the image cannot be written where it is wanted. */
  | 'OUTPUT_UNWRITABLE'
  | 'LIMIT_EXCEEDED';

/** An image was not built; nothing of it was left. */
export class BuildError extends SeaworthyError<BuildErrorCode> {
  override readonly name = 'BuildError';
}

/** The error of what was asked for. */
export function invalidBuild(message: string): BuildError {
  return new BuildError('BUILD_INVALID', message);
}
