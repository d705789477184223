import type { Check } from '../../check.ts';
import { stepsOf, type DockerfileDocument } from '../document.ts';
import { dockerfileInfo } from '../info.ts';
import { packageCommands } from '../package-command.ts';

const managers: ReadonlySet<string> = new Set(['apk', 'apt', 'apt-get', 'dnf', 'yum', 'zypper']);

/** What refreshes the lists of packages; zypper has short words. */
const updates: ReadonlySet<string> = new Set(['update', 'up']);

/** What makes use of fresh lists. */
const uses: ReadonlySet<string> = new Set([
  'add',
  'build-dep',
  'dist-upgrade',
  'full-upgrade',
  'groupinstall',
  'in',
  'install',
  'localinstall',
  'reinstall',
  'satisfy',
  'source',
  'source-install',
  'upgrade',
]);

/** An update of package lists in a `RUN` in which nothing is installed. */
export const updateAlone: Check<DockerfileDocument> = {
  info: dockerfileInfo('0017', 'no-orphan-package-update', {
    severity: 'HIGH',
    title: "'RUN <package-manager> update' alone",
    description:
      'The layer with the lists is kept and used again by later builds: what they then install comes from lists that may be months old.',
    resolution: "Write update and install in one RUN, joined by '&&'.",
  }),
  *find(document) {
    for (const step of stepsOf(document, 'RUN')) {
      const commands = packageCommands(step);
      const at = commands.findLastIndex(
        ({ manager, subcommand = '' }) => managers.has(manager) && updates.has(subcommand),
      );
      const update = commands[at];
      if (update === undefined || commands.slice(at + 1).some(({ subcommand = '' }) => uses.has(subcommand))) continue;
      const message = `'${update.manager} ${update.subcommand}' stands in a RUN in which nothing is installed after it`;
      yield { message, lines: update.lines };
    }
  },
};
