import { printable } from '../../../../base/printable.ts';
import type { Check } from '../../../check.ts';
import { describe, type Flaw, ofManifests } from '../../define.ts';
import type { Manifest } from '../../manifest.ts';
import { itemsAt, textAt } from '../../yaml/node.ts';

/** KSV-0124: what begins so may go on as it likes. */
export const allowedRepos: Check<Manifest> = ofManifests(
  describe('KSV-0124', 'HIGH', {
    name: 'repo-ambiguous-prefix',
    title: 'Gatekeeper allows more repositories than it seems',
    description:
      'Gatekeeper compares beginnings: "gcr.io" allows gcr.io.evil.example too, and "docker.io/team" allows docker.io/team-of-others.',
    resolution: 'End each of the repositories with a slash, or name it with its tag or digest.',
  }),
  ({ kind, group, root }) => {
    if (kind !== 'K8sAllowedRepos' || group !== 'constraints.gatekeeper.sh') return undefined;
    return itemsAt(root, 'spec', 'parameters', 'repos').flatMap((each): readonly Flaw[] => {
      const repo = textAt(each) ?? '';
      const isOpen = !repo.includes('/') && !repo.includes(':');
      const isHubs = repo === 'docker.io' || /^docker\.io\/[^/]*$/.test(repo);
      if (!isOpen && !isHubs) return [];
      return [
        {
          message: `"${printable(repo, 200)}" allows everything that begins so: end it with a slash`,
          lines: each.lines,
        },
      ];
    });
  },
);
