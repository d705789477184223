import type { Check } from '../../check.ts';
import type { DockerfileDocument } from '../document.ts';
import { dockerfileInfo } from '../info.ts';
import { repeatedInstructions } from '../repeated.ts';

/** More than one `HEALTHCHECK` in a stage. */
export const severalHealthchecks: Check<DockerfileDocument> = {
  info: dockerfileInfo('0023', 'only-one-healthcheck', {
    severity: 'MEDIUM',
    title: 'Several HEALTHCHECK instructions',
    description: 'Only the last HEALTHCHECK of a stage has an effect; a reader may take another for what is asked.',
    resolution: 'Keep one HEALTHCHECK in each stage.',
  }),
  find: (document) => repeatedInstructions(document, 'HEALTHCHECK'),
};
