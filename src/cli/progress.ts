import type { Settings } from './config/settings.ts';
import type { Host } from './host.ts';
import { openTerminalProgress, type TerminalProgress } from './terminal/progress.ts';

/** The progress to show, or undefined where nobody watches: in a pipe, or when the user wants none. */
export function progressOf({ quiet, noProgress, debug }: Settings, { stderr }: Host): TerminalProgress | undefined {
  // Lines that tell what is done would cut through the one that shows it.
  if (quiet || noProgress || debug || !stderr.isTerminal) return undefined;
  return openTerminalProgress({
    write: (text) => void stderr.write(text),
    columns: () => stderr.columns ?? 80,
    now: () => performance.now(),
  });
}
