import type { Check } from '../../check.ts';
import { stepsOf, type DockerfileDocument } from '../document.ts';
import { dockerfileInfo } from '../info.ts';
import { packageCommands } from '../package-command.ts';

/** `apt-get install` that would ask, where nobody can answer. */
export const aptGetYes: Check<DockerfileDocument> = {
  info: dockerfileInfo('0021', 'use-apt-auto-confirm', {
    severity: 'HIGH',
    title: "'apt-get install' without '-y'",
    description: 'Without -y, apt-get asks before it installs; a build has nobody who answers, and fails.',
    resolution: "Add '-y' to 'apt-get install'.",
  }),
  *find(document) {
    for (const step of stepsOf(document, 'RUN')) {
      for (const { manager, subcommand, options, lines } of packageCommands(step)) {
        if (manager !== 'apt-get' || subcommand !== 'install' || isAnswered(options)) continue;
        yield { message: "'apt-get install' asks, since it has no '-y'", lines };
      }
    }
  },
};

/** apt-get(8): so quiet that nothing is shown (`-qq`, or `-q` twice) means yes as well. */
function isAnswered(options: readonly string[]): boolean {
  let quiet = 0;
  for (const option of options) {
    if (/^--(?:yes|assume-yes|force-yes)(?:=(?:true|yes|1))?$/.test(option)) return true;
    if (/apt::get::assume-yes=(?:"?true|1|yes)/i.test(option)) return true;
    if (/^--quiet$/.test(option)) quiet += 1;
    else if (/^(?:-q=|--quiet=)[2-9]$/.test(option)) return true;
    else if (/^-[A-Za-z]+$/.test(option)) {
      if (option.includes('y')) return true;
      quiet += option.split('q').length - 1;
    }
  }
  return quiet >= 2;
}
