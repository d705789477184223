/**
 * The root of every error this program throws on purpose.
 *
 * Each area has one subclass with a closed union of codes, so a caller can switch over what went wrong and the
 * compiler knows when a case is missing. The message is one sentence that says what to do next.
 */
export abstract class SeaworthyError<Code extends string = string> extends Error {
  /** Names what went wrong, in capitals; stable, so that scripts may rely on it. */
  readonly code: Code;

  constructor(code: Code, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** True for the errors that this program throws on purpose, whichever copy of the class made them. */
export function isSeaworthyError(error: unknown): error is SeaworthyError {
  return error instanceof SeaworthyError;
}

/** The message of anything that was thrown. */
export function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
