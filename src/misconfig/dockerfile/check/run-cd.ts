import { commandName } from '../../../lang/shell/command.ts';
import type { Check } from '../../check.ts';
import { stepsOf, type DockerfileDocument } from '../document.ts';
import { dockerfileInfo } from '../info.ts';

/** `cd` in a build. What it does in a subshell ends there, and is left alone. */
export const runCd: Check<DockerfileDocument> = {
  info: dockerfileInfo('0013', 'use-workdir-over-cd', {
    severity: 'MEDIUM',
    title: "'RUN cd …' in place of WORKDIR",
    description:
      'Where cd leads ends with its RUN: the next one begins in the WORKDIR again, which is easily overlooked.',
    resolution: 'Write WORKDIR for the folder, or put the commands that need it in parentheses.',
  }),
  *find(document) {
    for (const { commands } of stepsOf(document, 'RUN')) {
      for (const command of commands) {
        const [, folder] = command.words;
        if (commandName(command) !== 'cd' || command.inner || folder === undefined) continue;
        yield { message: `'cd ${folder}' in RUN; write WORKDIR`, lines: command.lines };
      }
    }
  },
};
