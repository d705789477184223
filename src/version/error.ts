import { SeaworthyError } from '../base/error.ts';

/** What can be wrong with a version. */
export type VersionErrorCode = 'VERSION_INVALID';

/** A text is not a version of the scheme that it should be ordered by. It is neither lower nor higher than any version. */
export class VersionError extends SeaworthyError<VersionErrorCode> {
  override readonly name = 'VersionError';
}

/** The error for a text that a scheme cannot read; control characters and long texts are made harmless in the message. */
export function invalidVersion(scheme: string, text: string): VersionError {
  return new VersionError(
    'VERSION_INVALID',
    `${JSON.stringify(text.slice(0, 100))} is not a version that ${scheme} can order; check where it was read from`,
  );
}
