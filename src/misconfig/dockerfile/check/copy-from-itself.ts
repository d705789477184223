import type { Check } from '../../check.ts';
import { linesOf, type DockerfileDocument } from '../document.ts';
import { dockerfileInfo } from '../info.ts';

/** `COPY --from` the stage that it stands in. */
export const copyFromItself: Check<DockerfileDocument> = {
  info: dockerfileInfo('0006', 'no-self-referencing-copy-from', {
    severity: 'CRITICAL',
    title: "COPY '--from' its own stage",
    description:
      'A stage cannot copy from itself while it is built, so the build fails, or an image of that name is pulled in its place.',
    resolution: "Name another stage or an image in '--from'.",
  }),
  *find({ stages }) {
    for (const { name, index, steps } of stages) {
      for (const { instruction, onbuild } of steps) {
        if (onbuild || (instruction.keyword !== 'COPY' && instruction.keyword !== 'ADD')) continue;
        const from = instruction.flags.find((flag) => flag.name === 'from')?.value?.toLowerCase();
        if (from === undefined || (from !== name && from !== String(index))) continue;
        yield { message: `'${instruction.keyword} --from=${from}' names its own stage`, lines: linesOf(instruction) };
      }
    }
  },
};
