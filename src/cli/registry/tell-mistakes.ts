import { type ConfigMistake, formatMistake } from '../../codec/yaml/mistake.ts';
import { cleanText } from '../../report/text/clean-text.ts';
import { exitCode } from '../exit-code.ts';
import type { Host } from '../host.ts';

/** Says on stderr what is hardly meant in a configuration, a line for each. */
export async function tellWarnings(
  file: string | undefined,
  warnings: readonly ConfigMistake[],
  { stderr }: Pick<Host, 'stderr'>,
): Promise<void> {
  const lines = warnings.map((warning) => `warning: ${formatMistake(file ?? 'the command line', warning)}`);
  await stderr.write(lines.map((line) => `${cleanText(line)}\n`).join(''));
}

/** Says on stderr what is wrong with a configuration, a line for each; gives the exit status. */
export async function tellMistakes(
  file: string | undefined,
  mistakes: readonly ConfigMistake[],
  { stderr }: Pick<Host, 'stderr'>,
): Promise<number> {
  const lines = mistakes.map((mistake) => formatMistake(file ?? 'the command line', mistake));
  await stderr.write(lines.map((line) => `${cleanText(line)}\n`).join(''));
  return exitCode.error;
}
