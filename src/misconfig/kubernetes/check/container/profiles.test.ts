import { testCheck } from '../../../../../testing/manifest-checks.ts';
import { appArmor, seccompUnconfined, seccompUnset } from './profiles.ts';

const annotated = (annotations: string, spec = 'containers: [{name: a}]'): string =>
  `apiVersion: apps/v1
kind: Deployment
metadata: {name: d, annotations: {container.apparmor.security.beta.kubernetes.io/a: unconfined}}
spec:
  template:
    metadata:
      annotations:
        ${annotations}
    spec: {${spec}}
`;
const both = (pod: string, container: string): string =>
  `securityContext: {${pod}}\ncontainers:\n  - name: a\n    securityContext: {${container}}`;

testCheck(appArmor, 'object', [
  ['annotations of the Deployment, which say nothing', annotated('x: y')],
  ['the default', annotated('container.apparmor.security.beta.kubernetes.io/a: runtime/default')],
  ['a profile of its own', annotated('container.apparmor.security.beta.kubernetes.io/a: localhost/x'), '8'],
  ['none', annotated('container.apparmor.security.beta.kubernetes.io/a: unconfined'), '8'],
  ['another container', annotated('container.apparmor.security.beta.kubernetes.io/b: unconfined')],
]);
testCheck(appArmor, 'pod', [
  ['the field', both('appArmorProfile: {type: RuntimeDefault}', '')],
  ['none by the field', both('', 'appArmorProfile: {type: Unconfined}'), '8'],
]);
testCheck(seccompUnset, 'pod', [
  ['the Pod', both('seccompProfile: {type: RuntimeDefault}', '')],
  ['the container', both('', 'seccompProfile: {type: Localhost, localhostProfile: x}')],
  ['nobody', both('', ''), '7-8'],
  ['none', both('seccompProfile: {type: Unconfined}', ''), '5'],
  [
    'a container without, in a Pod with one',
    both('seccompProfile: {type: RuntimeDefault}', 'seccompProfile: {type: Unconfined}'),
    '8',
  ],
  ['no type', both('', 'seccompProfile: {}'), '8'],
  ['a text in place of the profile', both('', 'seccompProfile: RuntimeDefault'), '8'],
]);
testCheck(seccompUnset, 'object', [
  ['the old annotation', annotated('seccomp.security.alpha.kubernetes.io/pod: runtime/default')],
  ['the old annotation with another profile', annotated('seccomp.security.alpha.kubernetes.io/pod: unconfined'), '8'],
  ['the old annotation of the container', annotated('container.seccomp.security.alpha.kubernetes.io/a: localhost/x')],
]);
testCheck(seccompUnconfined, 'pod', [
  ['nobody', both('', '')],
  ['the default', both('seccompProfile: {type: RuntimeDefault}', '')],
  ['the Pod', both('seccompProfile: {type: Unconfined}', ''), '5'],
  ['the container', both('seccompProfile: {type: RuntimeDefault}', 'seccompProfile: {type: unconfined}'), '8'],
  [
    'the Pod, and not its container',
    both('seccompProfile: {type: Unconfined}', 'seccompProfile: {type: RuntimeDefault}'),
  ],
]);
testCheck(seccompUnconfined, 'object', [
  ['the old annotation', annotated('container.seccomp.security.alpha.kubernetes.io/a: unconfined'), '8'],
  [
    'the old annotation, over which the field goes',
    annotated(
      'seccomp.security.alpha.kubernetes.io/pod: unconfined',
      'securityContext: {seccompProfile: {type: RuntimeDefault}}, containers: [{name: a}]',
    ),
  ],
]);
