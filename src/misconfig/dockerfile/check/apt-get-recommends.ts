import type { Check } from '../../check.ts';
import { stepsOf, type DockerfileDocument } from '../document.ts';
import { dockerfileInfo } from '../info.ts';
import { packageCommands } from '../package-command.ts';

/** `apt-get install` that brings more than it was asked for. */
export const aptGetRecommends: Check<DockerfileDocument> = {
  info: dockerfileInfo('0029', 'use-apt-no-install-recommends', {
    severity: 'HIGH',
    title: "'apt-get install' without '--no-install-recommends'",
    description:
      'By default, apt-get installs what packages recommend, too: the image is larger, and has more that can have flaws.',
    resolution: "Add '--no-install-recommends' to 'apt-get install'.",
  }),
  *find(document) {
    for (const step of stepsOf(document, 'RUN')) {
      for (const { manager, subcommand, options, lines } of packageCommands(step)) {
        if (manager !== 'apt-get' || subcommand !== 'install' || options.some(leavesOut)) continue;
        yield {
          message: "'apt-get install' brings recommended packages, since it has no '--no-install-recommends'",
          lines,
        };
      }
    }
  },
};

function leavesOut(option: string): boolean {
  return (
    option === '--no-install-recommends' ||
    /^--install-recommends=(?:false|no|0)$/.test(option) ||
    /apt::install-recommends=(?:"?false|0|no)/i.test(option)
  );
}
