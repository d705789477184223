import { posix } from 'node:path';
import type { Check } from '../../check.ts';
import { linesOf, stepsOf, type DockerfileDocument } from '../document.ts';
import { dockerfileInfo } from '../info.ts';

const systemFolders: readonly string[] = ['/boot', '/dev', '/initrd', '/lost+found', '/proc'];

/** A working folder that belongs to the system. */
export const systemWorkdir: Check<DockerfileDocument> = {
  info: dockerfileInfo('0030', 'avoid-sys-workdir-mounts', {
    severity: 'HIGH',
    title: 'WORKDIR in a folder of the system',
    description:
      'These folders are mounts of the kernel in a running container, which hide or change what a build puts there.',
    resolution: 'Choose a WORKDIR outside of /proc, /dev, /boot, /initrd and /lost+found.',
  }),
  *find(document) {
    for (const { words, instruction } of stepsOf(document, 'WORKDIR')) {
      const path = posix.normalize(words.map(({ text }) => text).join(' '));
      const folder = systemFolders.find((each) => path === each || path.startsWith(`${each}/`));
      if (folder === undefined) continue;
      yield {
        message: `WORKDIR '${path}' lies in ${folder}, which belongs to the system`,
        lines: linesOf(instruction),
      };
    }
  },
};
