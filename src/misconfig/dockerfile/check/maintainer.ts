import type { Check } from '../../check.ts';
import { linesOf, stepsOf, type DockerfileDocument } from '../document.ts';
import { dockerfileInfo } from '../info.ts';

/** `MAINTAINER`, which labels have taken the place of. */
export const maintainer: Check<DockerfileDocument> = {
  info: dockerfileInfo('0022', 'no-maintainer', {
    severity: 'HIGH',
    title: 'Deprecated MAINTAINER',
    description: 'MAINTAINER has been deprecated since Docker 1.13; builders warn of it and may drop it.',
    resolution: "Write 'LABEL org.opencontainers.image.authors=…' in its place.",
  }),
  *find(document) {
    for (const { instruction } of stepsOf(document, 'MAINTAINER')) {
      yield { message: 'MAINTAINER is deprecated; write a label', lines: linesOf(instruction) };
    }
  },
};
