import type { Check } from '../../check.ts';
import type { DockerfileDocument } from '../document.ts';
import { dockerfileInfo } from '../info.ts';
import { repeatedInstructions } from '../repeated.ts';

/** More than one `CMD` in a stage. */
export const severalCmds: Check<DockerfileDocument> = {
  info: dockerfileInfo('0016', 'only-one-cmd', {
    severity: 'HIGH',
    title: 'Several CMD instructions',
    description: 'Only the last CMD of a stage has an effect; a reader may take another for what the image runs.',
    resolution: 'Keep one CMD in each stage.',
  }),
  find: (document) => repeatedInstructions(document, 'CMD'),
};
