import type { Check } from '../../../check.ts';
import { describe, type Flaw, ofPods } from '../../define.ts';
import type { Manifest } from '../../manifest.ts';
import { entryAt, type PlacedEntry, type PlacedNode, textAt } from '../../yaml/node.ts';

/** A word of its own, so that a distiller is none. */
const word = /(?:^|[^a-z])tiller/i;

/** KSV-0102: the server of Helm 2. */
export const tiller: Check<Manifest> = ofPods(
  describe('KSV-0102', 'CRITICAL', {
    name: 'no-tiller',
    title: 'Tiller is deployed',
    description: 'Tiller, the server of Helm 2, does what anybody in the cluster asks of it, mostly with all rights.',
    resolution: 'Move to Helm 3, which has no server, and remove Tiller.',
  }),
  ({ metadata, containers }, { root }) => {
    const found = [
      entryAt(root, 'metadata'),
      metadata === undefined ? undefined : { value: metadata, lines: metadata.lines },
    ];
    const flaws: Flaw[] = found.flatMap((each) => {
      const entry = each === undefined ? undefined : namesTiller(each.value);
      return entry === undefined
        ? []
        : [{ message: 'This is named as Tiller, the server of Helm 2, is', lines: entry.lines }];
    });
    for (const { name, node } of containers) {
      const entry = entryAt(node, 'image');
      if (!word.test(textAt(node, 'image')?.slice(0, 1024) ?? '')) continue;
      flaws.push({ message: `Container ${name} runs an image of Tiller, the server of Helm 2`, lines: entry?.lines });
    }
    // The metadata of a Pod are those of what it is made of.
    return [...new Map(flaws.map((flaw) => [`${flaw.lines?.start} ${flaw.message}`, flaw])).values()];
  },
);

function namesTiller(metadata: PlacedNode): PlacedEntry | undefined {
  if (word.test(textAt(metadata, 'name')?.slice(0, 256) ?? '')) return entryAt(metadata, 'name');
  if (textAt(metadata, 'labels', 'name') === 'tiller') return entryAt(metadata, 'labels', 'name');
  return textAt(metadata, 'labels', 'app') === 'helm' ? entryAt(metadata, 'labels', 'app') : undefined;
}
