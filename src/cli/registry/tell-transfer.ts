import type { Problem } from '../../base/problem.ts';
import { cleanText } from '../../report/text/clean-text.ts';
import type { Settings } from '../config/settings.ts';
import { exitCode } from '../exit-code.ts';
import type { Host } from '../host.ts';

/** Says what was brought and what could not be; gives the exit status. */
export async function tellTransfer(
  done: string,
  problems: readonly Problem[],
  { quiet }: Pick<Settings, 'quiet'>,
  { stderr }: Pick<Host, 'stderr'>,
): Promise<number> {
  const lines = problems.map(({ code, subject, message }) => `error ${code}: ${subject}: ${message}`);
  await stderr.write(lines.map((line) => `${cleanText(line)}\n`).join(''));
  if (!quiet) await stderr.write(`${done}${problems.length === 0 ? '' : `; ${problems.length} could not be`}\n`);
  return problems.length === 0 ? exitCode.ok : exitCode.error;
}
