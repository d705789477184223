import type { Check } from '../../check.ts';
import { linesOf, type DockerfileDocument } from '../document.ts';
import { dockerfileInfo } from '../info.ts';

/** The image that is built runs as root, or says nothing of who it runs as. */
export const rootUser: Check<DockerfileDocument> = {
  info: dockerfileInfo('0002', 'least-privilege-user', {
    severity: 'HIGH',
    title: "Image runs as 'root'",
    description:
      'Whoever breaks into a container that runs as root has all rights in it, and an easier way out of it to the machine.',
    resolution: "Add 'USER name' with a user other than root as the last USER of the last stage.",
  }),
  *find({ shipped }) {
    const step = shipped.findLast(({ instruction, onbuild }) => !onbuild && instruction.keyword === 'USER');
    if (step === undefined) {
      yield {
        message: "No USER in what the last stage is built of, so the image runs as its base image's user, mostly root",
      };
      return;
    }
    const user = step.words[0]?.text.split(':')[0] ?? '';
    if (user !== 'root' && !/^0+$/.test(user)) return;
    yield { message: `The last USER is '${user}'`, lines: linesOf(step.instruction) };
  },
};
