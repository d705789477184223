import type { Check } from '../../../check.ts';
import { describe, type Flaw, ofPods } from '../../define.ts';
import type { Manifest } from '../../manifest.ts';
import { contextEntry } from '../../security-context.ts';
import { entryAt, itemsAt, scalarAt } from '../../yaml/node.ts';

/** KSV-0116: a group that owns the system's files. */
export const rootGroup: Check<Manifest> = ofPods(
  describe('KSV-0116', 'LOW', {
    name: 'primary-supplementary-gid',
    title: 'Runs with the group of root',
    description: 'Files that the group 0 may read or write are often those of the system.',
    resolution: 'Set runAsGroup, fsGroup and supplementalGroups to numbers above zero.',
  }),
  ({ spec, containers }) => {
    const flaws: Flaw[] = [];
    for (const container of containers) {
      const entry = contextEntry(container, 'runAsGroup');
      if (scalarAt(entry?.value) !== 0) continue;
      flaws.push({
        message: `Container ${container.name} runs with the group 0: set runAsGroup to another`,
        lines: entry?.lines,
      });
    }
    const fsGroup = entryAt(spec, 'securityContext', 'fsGroup');
    if (scalarAt(fsGroup?.value) === 0) {
      flaws.push({ message: 'The Pod sets fsGroup to 0: set it to another group', lines: fsGroup?.lines });
    }
    for (const group of itemsAt(spec, 'securityContext', 'supplementalGroups')) {
      if (scalarAt(group) === 0)
        flaws.push({ message: 'The Pod has 0 in supplementalGroups: remove it', lines: group.lines });
    }
    return flaws;
  },
);
