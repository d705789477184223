import { printable } from '../../../../base/printable.ts';
import type { Check } from '../../../check.ts';
import { describe, ofManifests } from '../../define.ts';
import type { Manifest } from '../../manifest.ts';
import { entryAt } from '../../yaml/node.ts';

/** Since when a kind is gone, and what took its place; nothing did where that is left out. */
type Removed = readonly [since: string, instead?: string];

const roles = ['Role', 'ClusterRole', 'RoleBinding', 'ClusterRoleBinding'];
const flow = ['FlowSchema', 'PriorityLevelConfiguration'];
const reviews = [
  'SubjectAccessReview',
  'LocalSubjectAccessReview',
  'SelfSubjectAccessReview',
  'SelfSubjectRulesReview',
];

/** Kubernetes, "Deprecated API Migration Guide". */
const gone: readonly (readonly [apiVersion: string, kinds: readonly string[], ...Removed])[] = [
  ['extensions/v1beta1', ['Deployment', 'DaemonSet', 'ReplicaSet'], '1.16', 'apps/v1'],
  ['extensions/v1beta1', ['NetworkPolicy'], '1.16', 'networking.k8s.io/v1'],
  ['extensions/v1beta1', ['PodSecurityPolicy'], '1.16'],
  ['extensions/v1beta1', ['Ingress'], '1.22', 'networking.k8s.io/v1'],
  ['apps/v1beta1', ['Deployment', 'StatefulSet', 'ControllerRevision'], '1.16', 'apps/v1'],
  ['apps/v1beta2', ['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'ControllerRevision'], '1.16', 'apps/v1'],
  ['admission.k8s.io/v1beta1', ['AdmissionReview'], '1.22', 'admission.k8s.io/v1'],
  [
    'admissionregistration.k8s.io/v1beta1',
    ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'],
    '1.22',
    'admissionregistration.k8s.io/v1',
  ],
  [
    'admissionregistration.k8s.io/v1beta1',
    ['ValidatingAdmissionPolicy', 'ValidatingAdmissionPolicyBinding'],
    '1.34',
    'admissionregistration.k8s.io/v1',
  ],
  ['apiextensions.k8s.io/v1beta1', ['CustomResourceDefinition'], '1.22', 'apiextensions.k8s.io/v1'],
  ['apiregistration.k8s.io/v1beta1', ['APIService'], '1.22', 'apiregistration.k8s.io/v1'],
  ['authentication.k8s.io/v1beta1', ['TokenReview'], '1.22', 'authentication.k8s.io/v1'],
  ['authorization.k8s.io/v1beta1', reviews, '1.22', 'authorization.k8s.io/v1'],
  ['certificates.k8s.io/v1beta1', ['CertificateSigningRequest'], '1.22', 'certificates.k8s.io/v1'],
  ['coordination.k8s.io/v1beta1', ['Lease'], '1.22', 'coordination.k8s.io/v1'],
  ['networking.k8s.io/v1beta1', ['Ingress', 'IngressClass'], '1.22', 'networking.k8s.io/v1'],
  ['rbac.authorization.k8s.io/v1alpha1', roles, '1.22', 'rbac.authorization.k8s.io/v1'],
  ['rbac.authorization.k8s.io/v1beta1', roles, '1.22', 'rbac.authorization.k8s.io/v1'],
  ['scheduling.k8s.io/v1beta1', ['PriorityClass'], '1.22', 'scheduling.k8s.io/v1'],
  ['storage.k8s.io/v1beta1', ['CSIDriver', 'CSINode', 'StorageClass', 'VolumeAttachment'], '1.22', 'storage.k8s.io/v1'],
  ['storage.k8s.io/v1beta1', ['CSIStorageCapacity'], '1.27', 'storage.k8s.io/v1'],
  ['batch/v1beta1', ['CronJob'], '1.25', 'batch/v1'],
  ['discovery.k8s.io/v1beta1', ['EndpointSlice'], '1.25', 'discovery.k8s.io/v1'],
  ['events.k8s.io/v1beta1', ['Event'], '1.25', 'events.k8s.io/v1'],
  ['autoscaling/v2beta1', ['HorizontalPodAutoscaler'], '1.25', 'autoscaling/v2'],
  ['autoscaling/v2beta2', ['HorizontalPodAutoscaler'], '1.26', 'autoscaling/v2'],
  ['policy/v1beta1', ['PodDisruptionBudget'], '1.25', 'policy/v1'],
  ['policy/v1beta1', ['PodSecurityPolicy'], '1.25'],
  ['node.k8s.io/v1beta1', ['RuntimeClass'], '1.25', 'node.k8s.io/v1'],
  ['flowcontrol.apiserver.k8s.io/v1beta1', flow, '1.26', 'flowcontrol.apiserver.k8s.io/v1'],
  ['flowcontrol.apiserver.k8s.io/v1beta2', flow, '1.29', 'flowcontrol.apiserver.k8s.io/v1'],
  ['flowcontrol.apiserver.k8s.io/v1beta3', flow, '1.32', 'flowcontrol.apiserver.k8s.io/v1'],
];

const removed: ReadonlyMap<string, Removed> = new Map(
  gone.flatMap(([apiVersion, kinds, ...how]) => kinds.map((kind): [string, Removed] => [`${apiVersion} ${kind}`, how])),
);

/** KSV-0107: what clusters of today do not know any more. */
export const removedApi: Check<Manifest> = ofManifests(
  describe('KSV-0107', 'LOW', {
    name: 'evaluate-k8s-deprecated-removed-apis',
    title: 'Version of the API that is gone',
    description: 'Clusters from some version on refuse the object.',
    resolution: 'Write the object for the version of the API that took its place.',
  }),
  ({ apiVersion, kind, root }) => {
    const found = removed.get(`${apiVersion} ${kind}`);
    if (found === undefined) return undefined;
    const [since, instead] = found;
    const advice = instead === undefined ? 'nothing took its place' : `use ${instead}`;
    return {
      message: `${printable(kind)} of ${printable(apiVersion)} is gone since Kubernetes ${since}: ${advice}`,
      lines: entryAt(root, 'apiVersion')?.lines,
    };
  },
);
