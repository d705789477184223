import { commandName } from '../../../lang/shell/command.ts';
import type { Check } from '../../check.ts';
import { stepsOf, type DockerfileDocument } from '../document.ts';
import { dockerfileInfo } from '../info.ts';

/** `sudo` in a build. */
export const sudoInRun: Check<DockerfileDocument> = {
  info: dockerfileInfo('0010', 'no-sudo-run', {
    severity: 'CRITICAL',
    title: "RUN with 'sudo'",
    description:
      'sudo gives rights by rules of its own, passes signals on unreliably, and stays in the image for whoever breaks in.',
    resolution: "Do without sudo: write 'USER root' before what needs it, and the other user after it.",
  }),
  *find(document) {
    for (const { commands } of stepsOf(document, 'RUN')) {
      for (const command of commands) {
        if (commandName(command) !== 'sudo') continue;
        const what = command.words.find((word, at) => at > 0 && !word.startsWith('-'));
        yield { message: `sudo is run${what === undefined ? '' : ` for '${what}'`}`, lines: command.lines };
      }
    }
  },
};
