import { printable } from '../../../../base/printable.ts';
import type { Check } from '../../../check.ts';
import { describe, type Flaw, ofPods } from '../../define.ts';
import type { Manifest, PodTemplate } from '../../manifest.ts';
import { entryAt, itemsAt, type PlacedNode, textAt } from '../../yaml/node.ts';

/** Where runtimes and Docker listen: who may ask them is root on the node. */
const sockets: ReadonlySet<string> = new Set(
  [
    '/run/docker.sock',
    '/run/containerd/containerd.sock',
    '/run/k3s/containerd/containerd.sock',
    '/run/crio/crio.sock',
    '/run/podman/podman.sock',
  ].flatMap((path) => [path, `/var${path}`]),
);

/** KSV-0006: whoever can start containers has the node. */
export const runtimeSocket: Check<Manifest> = ofPods(
  describe('KSV-0006', 'HIGH', {
    name: 'no-docker-sock-mount',
    title: 'Socket of the container runtime is mounted',
    description:
      'By the socket of Docker, containerd or CRI-O, a container can start others with all rights of the node.',
    resolution: 'Remove the volume of the socket.',
  }),
  (pod) =>
    hostPaths(
      pod,
      (path) => sockets.has(path),
      (path) => `mounts ${path}, by which it has its node: remove the volume`,
    ),
);

/** KSV-0023: files of the node. */
export const hostPath: Check<Manifest> = ofPods(
  describe('KSV-0023', 'MEDIUM', {
    name: 'no-mounted-hostpath',
    title: 'Files of the node are mounted',
    description: 'A hostPath shows files of the node to the Pod, and often lets it change them.',
    resolution: 'Use a volume of another type, such as a persistent volume.',
  }),
  (pod) =>
    hostPaths(
      pod,
      () => true,
      (path) => `mounts ${path} of its node: use another type of volume`,
    ),
);

/** Paths by which the node itself is at stake. */
const critical: ReadonlySet<string> = new Set([
  '/',
  '/boot',
  '/dev',
  '/etc',
  '/lib',
  '/proc',
  '/sys',
  '/usr',
  '/var/lib/docker',
]);

/** KSV-0121: files that make the node what it is. */
export const criticalPath: Check<Manifest> = ofPods(
  describe('KSV-0121', 'HIGH', {
    name: 'no-k8s-with-disallowed-volumes',
    title: 'Critical files of the node are mounted',
    description:
      'Who can write below /, /etc, /usr and the like can take over the node, and who can read there knows its secrets.',
    resolution: 'Mount the one folder that is needed, or none.',
  }),
  (pod) =>
    hostPaths(
      pod,
      (path) => critical.has(path),
      (path) => `mounts ${path} of its node, which is critical`,
    ),
);

/** Types in which storage was built into Kubernetes, or whose servers are named in the Pod. */
const notCore = [
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'gitRepo',
  'nfs',
  'iscsi',
  'glusterfs',
  'rbd',
  'flexVolume',
  'cinder',
  'cephfs',
  'cephFS',
  'flocker',
  'fc',
  'azureFile',
  'vsphereVolume',
  'quobyte',
  'azureDisk',
  'portworxVolume',
  'scaleIO',
  'storageos',
  'photonPersistentDisk',
] as const;

/** KSV-0028: what the restricted Pod Security Standard leaves out. */
export const volumeTypes: Check<Manifest> = ofPods(
  describe('KSV-0028', 'LOW', {
    name: 'no-non-ephemeral-volumes',
    title: 'Type of volume that is not a core one',
    description:
      'The restricted Pod Security Standard allows core types alone; others name servers and credentials in the Pod, and most are gone from Kubernetes.',
    resolution: 'Use a persistentVolumeClaim, csi or ephemeral volume.',
  }),
  ({ spec }) =>
    itemsAt(spec, 'volumes').flatMap((volume) =>
      notCore.flatMap((type): readonly Flaw[] => {
        const entry = entryAt(volume, type);
        if (entry === undefined) return [];
        return [
          {
            message: `Volume ${nameOf(volume)} is of the type ${type}: use a persistentVolumeClaim`,
            lines: entry.lines,
          },
        ];
      }),
    ),
);

function hostPaths(
  { spec }: PodTemplate,
  isBad: (path: string) => boolean,
  why: (path: string) => string,
): readonly Flaw[] {
  return itemsAt(spec, 'volumes').flatMap((volume): readonly Flaw[] => {
    const entry = entryAt(volume, 'hostPath');
    if (entry === undefined) return [];
    const path = clean(textAt(entry.value, 'path') ?? '');
    return isBad(path)
      ? [{ message: `Volume ${nameOf(volume)} ${why(printable(path, 200))}`, lines: entry.lines }]
      : [];
  });
}

/** `/etc/`, `//etc` and `/etc/.` are all `/etc`; two dots are refused by API servers. */
function clean(path: string): string {
  const parts = path.split('/').filter((each) => each !== '' && each !== '.');
  return path.startsWith('/') ? `/${parts.join('/')}` : parts.join('/');
}

function nameOf(volume: PlacedNode): string {
  return printable(textAt(volume, 'name') ?? 'without a name');
}
