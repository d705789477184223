import type { Check } from '../../check.ts';
import type { DockerfileDocument } from '../document.ts';
import { dockerfileInfo } from '../info.ts';

/** The image that is built says nothing of how its health is asked. */
export const noHealthcheck: Check<DockerfileDocument> = {
  info: dockerfileInfo('0026', 'no-healthcheck', {
    severity: 'LOW',
    title: 'No HEALTHCHECK',
    description:
      'Docker and Podman take a container for well as long as its process lives, even where it no longer answers. (Kubernetes has probes of its own.)',
    resolution: "Add a HEALTHCHECK to the last stage, or 'HEALTHCHECK NONE' where it is asked elsewhere.",
  }),
  *find({ shipped }) {
    if (shipped.some(({ instruction, onbuild }) => !onbuild && instruction.keyword === 'HEALTHCHECK')) return;
    yield { message: 'No HEALTHCHECK in what the last stage is built of' };
  },
};
