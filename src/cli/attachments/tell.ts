import type { Problem } from '../../base/problem.ts';
import { cleanText } from '../../report/text/clean-text.ts';
import type { Settings } from '../config/settings.ts';
import { describeProblem } from '../describe-error.ts';
import { exitCode } from '../exit-code.ts';
import type { Host } from '../host.ts';

/** Tells on stderr what was done, unless the user wants quiet. */
export async function tellDone(sentence: string, { quiet }: Settings, host: Host): Promise<void> {
  if (!quiet) await host.stderr.write(`${cleanText(sentence)}\n`);
}

/** Tells what was listed as attached but could not be read; gives the exit status: what is not whole is an error. */
export async function tellProblems(problems: readonly Problem[], host: Host): Promise<number> {
  for (const problem of problems) await host.stderr.write(`${describeProblem(problem)}\n`);
  return problems.length === 0 ? exitCode.ok : exitCode.error;
}
