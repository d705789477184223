import type { Check } from '../../../check.ts';
import { describe, type Flaws, ofPods } from '../../define.ts';
import type { Manifest, PodTemplate } from '../../manifest.ts';
import { entryAt, itemsAt, type PlacedNode, scalarAt, textAt } from '../../yaml/node.ts';

const tokenFolder = '/var/run/secrets/kubernetes.io/serviceaccount';

/** KSV-0036: a token for the cluster's API in the Pod. */
export const serviceAccountToken: Check<Manifest> = ofPods(
  describe('KSV-0036', 'MEDIUM', {
    name: 'no-auto-mount-service-token',
    title: 'Token of the service account is mounted',
    description: 'Who gets into the Pod may ask the API server whatever the service account may.',
    resolution:
      'Set automountServiceAccountToken of the Pod to false where the program does not speak to the API server.',
  }),
  ({ spec, containers }): Flaws => {
    const entry = entryAt(spec, 'automountServiceAccountToken');
    if (entry !== undefined) {
      if (scalarAt(entry.value) !== true) return undefined;
      return {
        message: 'The Pod has the token of its service account mounted: set automountServiceAccountToken to false',
        lines: entry.lines,
      };
    }
    return containers.flatMap(({ name, node }) => {
      const mount = tokenMount(node);
      if (mount === undefined) return [];
      return [{ message: `Container ${name} mounts the token of a service account`, lines: mount.lines }];
    });
  },
);

function tokenMount(container: PodTemplate['containers'][number]['node']): PlacedNode | undefined {
  return itemsAt(container, 'volumeMounts').find((each) => {
    return (textAt(each, 'mountPath') ?? '').replace(/\/+$/, '') === tokenFolder;
  });
}
