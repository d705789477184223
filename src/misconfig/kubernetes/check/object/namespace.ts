import type { Check } from '../../../check.ts';
import type { LineRange } from '../../../../finding/misconfiguration.ts';
import { describe, ofManifests } from '../../define.ts';
import type { Manifest } from '../../manifest.ts';
import { entryAt, textAt, valueAt } from '../../yaml/node.ts';

/** What kubeadm starts as static Pods. */
const core: ReadonlySet<unknown> = new Set(['kube-apiserver', 'etcd', 'kube-controller-manager', 'kube-scheduler']);

/** KSV-0037: among what the cluster is made of. */
export const systemNamespace: Check<Manifest> = ofManifests(
  describe('KSV-0037', 'MEDIUM', {
    name: 'no-user-resources-in-system-namespace',
    aliases: ['no-user-pods-in-system-namespace'],
    title: 'Is put into kube-system',
    description:
      'What is in kube-system is next to the secrets and accounts of the cluster itself, and many policies leave it out.',
    resolution: 'Use a namespace of your own.',
  }),
  (manifest) => {
    const { kind, namespace, root } = manifest;
    if (namespace !== 'kube-system' || valueAt(root, 'spec') === undefined || isCore(manifest)) return undefined;
    return {
      message: `${kind === 'Pod' ? 'The Pod' : 'The object'} is put into kube-system`,
      lines: linesOfNamespace(manifest),
    };
  },
);

/** KSV-0110: among everything that nobody found a place for. */
export const defaultNamespace: Check<Manifest> = ofManifests(
  describe('KSV-0110', 'LOW', {
    name: 'default-namespace-should-not-be-used',
    title: 'Workload in the default namespace',
    description:
      'In the default namespace, workloads share accounts, quotas and network policies with whatever else is there.',
    resolution: 'Set metadata.namespace to a namespace of its own.',
  }),
  (manifest) => {
    const { namespace, pod } = manifest;
    if (pod === undefined || (namespace !== undefined && namespace !== 'default')) return undefined;
    const how =
      namespace === undefined ? 'names no namespace, and goes to default' : 'is put into the namespace default';
    return { message: `The workload ${how}`, lines: linesOfNamespace(manifest) };
  },
);

function isCore({ root }: Manifest): boolean {
  return (
    textAt(root, 'metadata', 'labels', 'tier') === 'control-plane' &&
    core.has(textAt(root, 'metadata', 'labels', 'component')) &&
    ['system-node-critical', 'system-cluster-critical'].includes(textAt(root, 'spec', 'priorityClassName') ?? '')
  );
}

function linesOfNamespace({ root }: Manifest): LineRange | undefined {
  return (entryAt(root, 'metadata', 'namespace') ?? entryAt(root, 'metadata'))?.lines;
}
