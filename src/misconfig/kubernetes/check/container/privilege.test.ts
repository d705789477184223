import { testCheck } from '../../../../../testing/manifest-checks.ts';
import { hostProcess, privileged, privilegeEscalation, procMount, writableRoot } from './privilege.ts';

testCheck(privilegeEscalation, 'container', [
  ['false', 'securityContext: {allowPrivilegeEscalation: false}'],
  ['the word off, which is false', 'securityContext: {allowPrivilegeEscalation: off}'],
  ['no context', 'image: x', '6-7'],
  ['an empty context', 'securityContext: {}', '6-7'],
  ['true', 'securityContext:\n  allowPrivilegeEscalation: true', '8'],
  ['null', 'securityContext: {allowPrivilegeEscalation: null}', '6-7'],
  ['a text', 'securityContext: {allowPrivilegeEscalation: "false"}', '7'],
  ['a list in place of the context', 'securityContext: [allowPrivilegeEscalation]', '6-7'],
]);
testCheck(privilegeEscalation, 'pod', [
  [
    'a Pod that says so, since only containers can',
    'securityContext: {allowPrivilegeEscalation: false}\ncontainers: [{name: a}]',
    '6',
  ],
  ['an init and an ephemeral container', 'initContainers: [{name: a}]\nephemeralContainers: [{name: b}]', '5', '6'],
  ['a Pod without containers', 'containers: null'],
  ['containers that are no list', 'containers: {name: a}'],
  ['containers of which one is a text', 'containers: [a, {name: b}]', '5'],
]);
testCheck(writableRoot, 'container', [
  ['true', 'securityContext: {readOnlyRootFilesystem: true}'],
  ['false', 'securityContext:\n  readOnlyRootFilesystem: false', '8'],
  ['nothing', 'image: x', '6-7'],
  ['a number', 'securityContext: {readOnlyRootFilesystem: 1}', '7'],
]);
testCheck(privileged, 'container', [
  ['nothing', 'image: x'],
  ['false', 'securityContext: {privileged: false}'],
  ['true', 'securityContext:\n  runAsUser: 1\n  privileged: true', '9'],
  ['the word yes, which is true', 'securityContext: {privileged: yes}', '7'],
  ['null', 'securityContext: {privileged: ~}'],
  ['a map', 'securityContext: {privileged: {a: true}}'],
]);
testCheck(privileged, 'pod', [
  ['a Pod, which cannot be', 'securityContext: {privileged: true}\ncontainers: [{name: a}]'],
]);
testCheck(procMount, 'container', [
  ['nothing', 'securityContext: {}'],
  ['the default', 'securityContext: {procMount: Default}'],
  ['another one', 'securityContext: {procMount: Unmasked}', '7'],
  ['null', 'securityContext: {procMount: null}'],
]);
testCheck(hostProcess, 'pod', [
  ['nothing', 'containers: [{name: a, securityContext: {windowsOptions: {}}}]'],
  ['the Pod', 'securityContext: {windowsOptions: {hostProcess: true}}\ncontainers: [{name: a}]', '5'],
  [
    'a container that is none while its Pod is',
    'securityContext: {windowsOptions: {hostProcess: true}}\ncontainers: [{name: a, securityContext: {windowsOptions: {hostProcess: false}}}]',
  ],
  ['a container', 'containers:\n  - name: a\n    securityContext: {windowsOptions: {hostProcess: true}}', '7'],
]);
