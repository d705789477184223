import { errorMessage, isSeaworthyError } from '../base/error.ts';
import type { Problem } from '../base/problem.ts';
import { cleanText } from '../report/text/clean-text.ts';

/** One line for a person: the code, then the sentence that says what to do. */
export function describeError(error: unknown): string {
  // What went wrong while tidying up tells less than what went wrong before.
  if (error instanceof SuppressedError) return describeError(error.suppressed);
  // Messages quote what registries and archives say.
  const message = cleanText(errorMessage(error));
  return isSeaworthyError(error) ? `error ${error.code}: ${message}` : `error: ${message}`;
}

/** One line for a person about what could not be looked at. */
export function describeProblem({ subject, message }: Problem): string {
  return cleanText(`${subject}: ${message}`);
}

/** What led to an error, for `--debug`: lines that are as harmless on a terminal as the error's own. */
export function describeCauses(error: unknown): string[] {
  const lines: string[] = [];
  const seen = new Set<unknown>();
  for (let at = error; at instanceof Error && !seen.has(at); at = at.cause) {
    seen.add(at);
    lines.push(...(at.stack ?? at.message).split('\n').map(cleanText));
  }
  return lines;
}
