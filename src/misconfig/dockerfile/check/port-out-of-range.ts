import type { Check } from '../../check.ts';
import { linesOf, stepsOf, type DockerfileDocument } from '../document.ts';
import { dockerfileInfo } from '../info.ts';
import { portsOf } from '../ports.ts';

const lastPort = 65_535;

/** A port that cannot be. */
export const portOutOfRange: Check<DockerfileDocument> = {
  info: dockerfileInfo('0008', 'port-out-of-range', {
    severity: 'CRITICAL',
    title: 'Exposed port out of range',
    description: 'Ports end at 65535 (RFC 9293, 3.1); nothing can listen beyond that.',
    resolution: 'Write a port from 0 to 65535 in EXPOSE.',
  }),
  *find(document) {
    for (const step of stepsOf(document, 'EXPOSE')) {
      for (const { text, first, last } of portsOf(step)) {
        if (Math.max(first, last) <= lastPort) continue;
        yield { message: `EXPOSE ${text} goes beyond ${lastPort}`, lines: linesOf(step.instruction) };
      }
    }
  },
};
