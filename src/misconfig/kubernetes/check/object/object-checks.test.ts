import { testCheck } from '../../../../../testing/manifest-checks.ts';
import { removedApi } from './api-version.ts';
import { allowedRepos } from './gatekeeper.ts';
import { defaultNamespace, systemNamespace } from './namespace.ts';
import { networkPolicySelector } from './network-policy.ts';
import { limitRange, resourceQuota } from './quota.ts';
import { externalIp } from './service.ts';

const of = (apiVersion: string, kind: string, rest = ''): string => `apiVersion: ${apiVersion}\nkind: ${kind}\n${rest}`;

testCheck(systemNamespace, 'object', [
  ['another namespace', of('v1', 'Pod', 'metadata: {namespace: shop}\nspec: {}')],
  ['no namespace', of('v1', 'Pod', 'spec: {}')],
  ['a Pod', of('v1', 'Pod', 'metadata:\n  name: p\n  namespace: kube-system\nspec: {}'), '5'],
  ['a ConfigMap, of which there are many', of('v1', 'ConfigMap', 'metadata: {namespace: kube-system}')],
  [
    'what the cluster is made of',
    of(
      'v1',
      'Pod',
      'metadata: {namespace: kube-system, labels: {tier: control-plane, component: etcd}}\nspec: {priorityClassName: system-node-critical}',
    ),
  ],
  [
    'what only says to be',
    of('v1', 'Pod', 'metadata: {namespace: kube-system, labels: {tier: control-plane, component: mine}}\nspec: {}'),
    '3',
  ],
]);
testCheck(defaultNamespace, 'object', [
  ['another namespace', of('v1', 'Pod', 'metadata: {namespace: shop}\nspec: {}')],
  ['it', of('v1', 'Pod', 'metadata: {namespace: default}\nspec: {}'), '3'],
  ['none', of('v1', 'Pod', 'metadata:\n  name: p\nspec: {}'), '3-4'],
  ['none at all', of('v1', 'Pod', 'spec: {}'), '1-3'],
  ['what is no workload', of('v1', 'Service', 'spec: {}')],
]);
testCheck(networkPolicySelector, 'object', [
  ['Pods', of('networking.k8s.io/v1', 'NetworkPolicy', 'spec: {podSelector: {matchLabels: {a: b}}}')],
  ['all Pods', of('networking.k8s.io/v1', 'NetworkPolicy', 'spec: {podSelector: {}}')],
  ['namespaces of peers', of('v1', 'NetworkPolicy', 'spec: {ingress: [{from: [{namespaceSelector: {}}]}]}')],
  ['Pods of peers', of('v1', 'NetworkPolicy', 'spec: {egress: [{to: [{ipBlock: {}}, {podSelector: {}}]}]}')],
  ['nothing', of('v1', 'NetworkPolicy', 'spec:\n  ingress: [{from: [{ipBlock: {}}]}]'), '3-4'],
  ['no spec', of('v1', 'NetworkPolicy'), '1-2'],
  ['another kind', of('v1', 'Policy', 'spec: {}')],
]);
testCheck(limitRange, 'object', [
  [
    'all',
    of('v1', 'LimitRange', 'spec: {limits: [{type: Container, max: {}, min: {}, default: {}, defaultRequest: {}}]}'),
  ],
  ['some', of('v1', 'LimitRange', 'spec: {limits: [{type: Container, max: {}}]}'), '3'],
  [
    'all in two, which is not one',
    of('v1', 'LimitRange', 'spec: {limits: [{type: a, max: {}}, {min: {}, default: {}, defaultRequest: {}}]}'),
    '3',
  ],
  ['null', of('v1', 'LimitRange', 'spec: null'), '1-3'],
]);
testCheck(resourceQuota, 'object', [
  [
    'all',
    of(
      'v1',
      'ResourceQuota',
      'spec: {hard: {requests.cpu: 1, requests.memory: 1Gi, limits.cpu: 2, limits.memory: 2Gi}}',
    ),
  ],
  ['some', of('v1', 'ResourceQuota', 'spec: {hard: {requests.cpu: 1}}'), '3'],
]);
testCheck(externalIp, 'object', [
  ['neither', of('v1', 'Service', 'spec: {externalIPs: [], clusterIP: 10.0.0.1}')],
  ['addresses', of('v1', 'Service', 'spec:\n  externalIPs: [10.0.0.1]'), '4'],
  ['a name', of('v1', 'Service', 'spec:\n  externalName: a.example'), '4'],
  ['both', of('v1', 'Service', 'spec:\n  externalName: a.example\n  externalIPs: [10.0.0.1]'), '5', '4'],
  ['another kind', of('v1', 'Node', 'spec: {externalName: a}')],
]);
const repos = (list: string): string =>
  of('constraints.gatekeeper.sh/v1beta1', 'K8sAllowedRepos', `spec: {parameters: {repos: ${list}}}`);
testCheck(allowedRepos, 'object', [
  ['a registry with a slash', repos('[gcr.io/]')],
  ['a registry without', repos('[gcr.io]'), '3'],
  ['a port', repos('["registry:5000"]')],
  ['a team of Docker Hub', repos('[docker.io/team]'), '3'],
  ['a folder of a team of Docker Hub', repos('[docker.io/team/]')],
  ['another constraint', of('constraints.gatekeeper.sh/v1beta1', 'K8sRepos', 'spec: {parameters: {repos: [a]}}')],
  ['numbers and nulls', repos('[3, null]'), '3', '3'],
]);
testCheck(removedApi, 'object', [
  ['what is there', of('apps/v1', 'Deployment')],
  ['what never was', of('extensions/v1beta1', 'Gateway')],
  ['a Deployment of old', of('extensions/v1beta1', 'Deployment'), '1'],
  ['an Ingress of old', `kind: Ingress\napiVersion: networking.k8s.io/v1beta1\n`, '2'],
  ['what nothing took the place of', of('policy/v1beta1', 'PodSecurityPolicy'), '1'],
]);
