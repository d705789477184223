import type { Settings } from '../config/settings.ts';
import type { Host } from '../host.ts';

/** Tells what came of a command: as one line of JSON to a program that reads stdout, as a sentence to people. */
export async function tellReport(
  report: unknown,
  sentence: string,
  { quiet }: Pick<Settings, 'quiet'>,
  { stdout, stderr }: Pick<Host, 'stdout' | 'stderr'>,
): Promise<void> {
  if (!stdout.isTerminal) await stdout.write(`${JSON.stringify(report)}\n`);
  if (!quiet) await stderr.write(`${sentence}\n`);
}
