import { testCheck } from '../../../../../testing/manifest-checks.ts';
import { rootGroup } from './groups.ts';
import { hostAliases, hostIpc, hostNetwork, hostPid } from './host-namespaces.ts';
import { emptySecurityContext } from './security-context.ts';
import { serviceAccountToken } from './service-account-token.ts';
import { sysctls } from './sysctls.ts';
import { tiller } from './tiller.ts';

testCheck(hostAliases, 'pod', [
  ['nothing', 'containers: []'],
  ['an empty list', 'hostAliases: []'],
  ['an alias', 'hostAliases:\n  - ip: 127.0.0.1\n    hostnames: [a]', '5-7'],
  ['what is no list', 'hostAliases: {ip: x}'],
]);
for (const [check, field] of [
  [hostIpc, 'hostIPC'],
  [hostNetwork, 'hostNetwork'],
  [hostPid, 'hostPID'],
] as const) {
  testCheck(check, 'pod', [
    ['nothing', 'containers: []'],
    ['false', `${field}: false`],
    ['true', `containers: []\n${field}: true`, '6'],
    ['the word on, which is true', `${field}: on`, '5'],
    ['a text, which API servers refuse', `${field}: "true"`],
    ['null', `${field}:`],
  ]);
}
testCheck(rootGroup, 'pod', [
  ['nothing', 'containers: [{name: a}]'],
  ['others', 'securityContext: {runAsGroup: 1, fsGroup: 2, supplementalGroups: [3]}\ncontainers: [{name: a}]'],
  ['the Pod', 'securityContext: {runAsGroup: 0}\ncontainers: [{name: a}]', '5'],
  ['a container', 'containers:\n  - name: a\n    securityContext: {runAsGroup: 0}', '7'],
  [
    'a container that has another than its Pod',
    'securityContext: {runAsGroup: 0}\ncontainers: [{name: a, securityContext: {runAsGroup: 5}}]',
  ],
  ['its files', 'securityContext: {fsGroup: 0}', '5'],
  ['one of more', 'securityContext:\n  supplementalGroups:\n    - 5\n    - 0', '8'],
  ['texts and nulls', 'securityContext: {fsGroup: "0", supplementalGroups: [null, "0"]}'],
]);
testCheck(emptySecurityContext, 'pod', [
  ['nothing', 'containers: [{name: a}]'],
  ['null', 'securityContext:\ncontainers: [{name: a, securityContext: ~}]'],
  ['something', 'securityContext: {runAsUser: 3}'],
  ['an empty one of the Pod', 'containers: []\nsecurityContext: {}', '6'],
  ['an empty one of a container', 'containers:\n  - name: a\n    securityContext: {}', '7'],
]);
testCheck(serviceAccountToken, 'pod', [
  ['nothing', 'containers: [{name: a}]'],
  ['false', 'automountServiceAccountToken: false'],
  ['true', 'automountServiceAccountToken: true', '5'],
  [
    'a volume where the token is',
    'containers:\n  - name: a\n    volumeMounts:\n      - mountPath: /var/run/secrets/kubernetes.io/serviceaccount/',
    '8',
  ],
  ['a volume below', 'containers: [{name: a, volumeMounts: [{mountPath: /var/run/secrets/tokens}]}]'],
  [
    'a volume of a Pod that has no token',
    'automountServiceAccountToken: false\ncontainers: [{name: a, volumeMounts: [{mountPath: /var/run/secrets/kubernetes.io/serviceaccount}]}]',
  ],
]);
testCheck(serviceAccountToken, 'object', [
  [
    'a Deployment',
    'apiVersion: apps/v1\nkind: Deployment\nspec:\n  template:\n    spec:\n      automountServiceAccountToken: true',
    '6',
  ],
]);
testCheck(sysctls, 'pod', [
  ['none', 'securityContext: {sysctls: []}'],
  ['a safe one', 'securityContext: {sysctls: [{name: kernel.shm_rmid_forced, value: "1"}]}'],
  ['a safe one with slashes', 'securityContext: {sysctls: [{name: net/ipv4/tcp_syncookies}]}'],
  [
    'an unsafe one',
    'securityContext:\n  sysctls:\n    - name: net.ipv4.tcp_rmem\n    - name: kernel.msgmax\n      value: "1"',
    '8-9',
  ],
  ['what is none', 'securityContext: {sysctls: [null, kernel.msgmax, {name: 3}]}'],
]);
const deployment = (metadata: string, image: string): string =>
  `apiVersion: apps/v1\nkind: Deployment\nmetadata: ${metadata}\nspec:\n  template:\n    spec:\n      containers:\n        - name: a\n          image: ${image}\n`;
testCheck(tiller, 'object', [
  ['another program', deployment('{name: d, labels: {app: web}}', 'nginx')],
  ['a distiller', deployment('{name: distiller}', 'distiller:1')],
  ['the image', deployment('{name: d}', 'gcr.io/kubernetes-helm/tiller:v2.16'), '9'],
  ['the name', deployment('{name: tiller-deploy}', 'x'), '3'],
  ['its label', deployment('{name: d, labels: {name: tiller}}', 'x'), '3'],
  ['the label of Helm', deployment('{name: d, labels: {app: helm}}', 'x'), '3'],
  ['a Service of its name', 'apiVersion: v1\nkind: Service\nmetadata: {name: tiller}'],
]);
testCheck(tiller, 'pod', [['no metadata of a container', 'containers: [null, {image: [tiller]}]']]);
