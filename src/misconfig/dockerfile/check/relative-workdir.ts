import type { Check } from '../../check.ts';
import { linesOf, stepsOf, type DockerfileDocument } from '../document.ts';
import { dockerfileInfo } from '../info.ts';

/** A working folder that depends on the one before. */
export const relativeWorkdir: Check<DockerfileDocument> = {
  info: dockerfileInfo('0009', 'user-absolute-workdir', {
    severity: 'HIGH',
    title: 'WORKDIR is not absolute',
    description:
      'Where a relative WORKDIR leads is decided by the one before it, which may be that of the base image and change with it.',
    resolution: "Write WORKDIR with a path that begins with '/'.",
  }),
  *find(document) {
    for (const step of stepsOf(document, 'WORKDIR')) {
      const path = step.words.map(({ text }) => text).join(' ');
      // What begins with a variable that is not known may be absolute.
      if (/^(?:[/\\]|\$|[A-Za-z]:)/.test(path)) continue;
      yield { message: `WORKDIR '${path}' is not absolute`, lines: linesOf(step.instruction) };
    }
  },
};
