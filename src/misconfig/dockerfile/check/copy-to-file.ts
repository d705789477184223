import type { Check } from '../../check.ts';
import { linesOf, stepsOf, type DockerfileDocument } from '../document.ts';
import { dockerfileInfo } from '../info.ts';

/** Several files copied to what is not written as a folder. */
export const copyToFile: Check<DockerfileDocument> = {
  info: dockerfileInfo('0011', 'use-slash-for-copy-args', {
    severity: 'CRITICAL',
    title: "COPY of several files to a place without '/' at its end",
    description:
      'Where several files are copied, the place that they go to is a folder and has to be written as one; otherwise builders refuse it.',
    resolution: "End the last argument of COPY with '/'.",
  }),
  *find(document) {
    for (const { words, instruction } of stepsOf(document, 'COPY')) {
      const target = words.at(-1);
      if (words.length < 3 || target === undefined || target.endsOpen || /[/\\]$/.test(target.text)) continue;
      const message = `COPY of ${words.length - 1} sources goes to '${target.text}', which does not end with '/'`;
      yield { message, lines: linesOf(instruction) };
    }
  },
};
