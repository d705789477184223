import type { Check } from '../../check.ts';
import { linesOf, stepsOf, type DockerfileDocument } from '../document.ts';
import { dockerfileInfo } from '../info.ts';
import { portsOf } from '../ports.ts';

const sshPort = 22;

/** Port 22, where SSH listens. */
export const sshPortExposed: Check<DockerfileDocument> = {
  info: dockerfileInfo('0004', 'no-ssh-port', {
    severity: 'MEDIUM',
    title: 'Port 22 exposed',
    description:
      'A container with an SSH server is another way in, with keys and passwords of its own that somebody has to look after.',
    resolution: "Remove port 22 from EXPOSE; 'docker exec' and 'kubectl exec' need no SSH server.",
  }),
  *find(document) {
    for (const step of stepsOf(document, 'EXPOSE')) {
      for (const { text, first, last } of portsOf(step)) {
        if (first > sshPort || last < sshPort) continue;
        yield { message: `EXPOSE ${text} opens port 22, which is for SSH`, lines: linesOf(step.instruction) };
      }
    }
  },
};
