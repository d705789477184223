import type { Check } from '../../../check.ts';
import { describe, type Flaw, ofPods } from '../../define.ts';
import type { Manifest } from '../../manifest.ts';
import { entryAt, type PlacedEntry, type PlacedNode } from '../../yaml/node.ts';

/** KSV-0118: a security context that says nothing. */
export const emptySecurityContext: Check<Manifest> = ofPods(
  describe('KSV-0118', 'HIGH', {
    name: 'no-default-security-context',
    title: 'Security context is empty',
    description:
      'An empty security context changes nothing: the image decides on the user, and the runtime on all else.',
    resolution: 'Say in the security context what the program needs, and first that it is not root.',
  }),
  ({ spec, containers }) => {
    const flaws: Flaw[] = [];
    const own = emptyContext(spec);
    if (own !== undefined) flaws.push({ message: 'The security context of the Pod is empty', lines: own.lines });
    for (const { name, node } of containers) {
      const entry = emptyContext(node);
      if (entry !== undefined)
        flaws.push({ message: `The security context of container ${name} is empty`, lines: entry.lines });
    }
    return flaws;
  },
);

function emptyContext(node: PlacedNode): PlacedEntry | undefined {
  const entry = entryAt(node, 'securityContext');
  return entry?.value.kind === 'map' && entry.value.entries.size === 0 ? entry : undefined;
}
