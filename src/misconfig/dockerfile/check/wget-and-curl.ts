import { commandName } from '../../../lang/shell/command.ts';
import type { Check } from '../../check.ts';
import type { DockerfileDocument } from '../document.ts';
import { dockerfileInfo } from '../info.ts';

/** Two programs for one thing in a stage. What is merely installed does not count. */
export const wgetAndCurl: Check<DockerfileDocument> = {
  info: dockerfileInfo('0014', 'standardise-remote-get', {
    severity: 'LOW',
    title: "RUN with both 'wget' and 'curl'",
    description: 'Both do the same: with both, the image is larger and has more that can have flaws.',
    resolution: 'Use one of the two, and leave the other out of the image.',
  }),
  *find({ stages }) {
    for (const { steps } of stages) {
      const commands = steps.flatMap((step) => step.commands);
      const first = commands.find((command) => ['curl', 'wget'].includes(commandName(command)));
      if (first === undefined) continue;
      const other = commandName(first) === 'curl' ? 'wget' : 'curl';
      const second = commands.find((command) => commandName(command) === other);
      if (second === undefined) continue;
      const message = `${other} is used here, and ${commandName(first)} in line ${first.lines.start} of the same stage`;
      yield { message, lines: second.lines };
    }
  },
};
