import type { Check } from '../../check.ts';
import { stepsOf, type DockerfileDocument } from '../document.ts';
import { dockerfileInfo } from '../info.ts';
import { mountsOver } from '../mounts.ts';
import { packageCommands } from '../package-command.ts';

/** `apk add` that keeps the index of packages. */
export const apkNoCache: Check<DockerfileDocument> = {
  info: dockerfileInfo('0025', 'purge-apk-package-cache', {
    severity: 'HIGH',
    title: "'apk add' without '--no-cache'",
    description:
      'Without --no-cache, the lists of packages stay in the layer, which makes the image larger, and later builds use them when they are old.',
    resolution: "Add '--no-cache' to 'apk add', or mount a cache over /var/cache/apk.",
  }),
  *find(document) {
    for (const step of stepsOf(document, 'RUN')) {
      if (mountsOver(step.instruction, ['/var/cache/apk', '/etc/apk/cache'])) continue;
      for (const { manager, subcommand, options, lines } of packageCommands(step)) {
        if (manager !== 'apk' || subcommand !== 'add' || options.includes('--no-cache')) continue;
        yield { message: "'apk add' keeps its cache, since it has no '--no-cache'", lines };
      }
    }
  },
};
