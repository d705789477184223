import type { Check } from '../../check.ts';
import type { DockerfileDocument } from '../document.ts';
import { dockerfileInfo } from '../info.ts';
import { repeatedInstructions } from '../repeated.ts';

/** More than one `ENTRYPOINT` in a stage. */
export const severalEntrypoints: Check<DockerfileDocument> = {
  info: dockerfileInfo('0007', 'only-one-entrypoint', {
    severity: 'CRITICAL',
    title: 'Several ENTRYPOINT instructions',
    description:
      'Only the last ENTRYPOINT of a stage has an effect; a reader may take another for what the image runs.',
    resolution: 'Keep one ENTRYPOINT in each stage.',
  }),
  find: (document) => repeatedInstructions(document, 'ENTRYPOINT'),
};
