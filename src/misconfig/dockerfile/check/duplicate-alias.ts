import type { Check } from '../../check.ts';
import { linesOf, type DockerfileDocument } from '../document.ts';
import { dockerfileInfo } from '../info.ts';

/** Two stages of one name. */
export const duplicateAlias: Check<DockerfileDocument> = {
  info: dockerfileInfo('0012', 'no-duplicate-alias', {
    severity: 'CRITICAL',
    title: 'Several stages of the same name',
    description: 'Where two stages have one name, what --from and --target mean depends on where they stand.',
    resolution: 'Give each stage a name of its own.',
  }),
  *find({ stages }) {
    const lines = new Map<string, number>();
    for (const { name, from } of stages) {
      if (name === undefined) continue;
      const before = lines.get(name);
      if (before === undefined) lines.set(name, from.start);
      else yield { message: `The stage '${name}' has the name of that of line ${before}`, lines: linesOf(from) };
    }
  },
};
