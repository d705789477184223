import { errorMessage, isSeaworthyError } from '../base/error.ts';

/** One line for a person: the code, then the sentence that says what to do. */
export function describeError(error: unknown): string {
  return isSeaworthyError(error) ? `error ${error.code}: ${errorMessage(error)}` : `error: ${errorMessage(error)}`;
}

/** What led to an error, one line each, for `--debug`. */
export function describeCauses(error: unknown): string[] {
  const lines: string[] = [];
  const seen = new Set<unknown>();
  for (let at = error; at instanceof Error && !seen.has(at); at = at.cause) {
    seen.add(at);
    lines.push(at.stack ?? at.message);
  }
  return lines;
}
