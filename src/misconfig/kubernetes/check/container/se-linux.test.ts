import { testCheck } from '../../../../../testing/manifest-checks.ts';
import { seLinux } from './se-linux.ts';

testCheck(seLinux, 'pod', [
  ['nothing', 'containers: [{name: a}]'],
  ['a level', 'securityContext: {seLinuxOptions: {level: "s0:c1"}}\ncontainers: [{name: a}]'],
  ['a type of containers', 'securityContext: {seLinuxOptions: {type: container_t}}\ncontainers: [{name: a}]'],
  ['another type of the Pod', 'securityContext: {seLinuxOptions: {type: spc_t}}\ncontainers: [{name: a}]', '5'],
  [
    'a container that has a better one than its Pod',
    'securityContext: {seLinuxOptions: {type: spc_t}}\ncontainers: [{name: a, securityContext: {seLinuxOptions: {type: container_t}}}]',
  ],
  ['a user and a role', 'securityContext: {seLinuxOptions: {user: u, role: r}}\ncontainers: [{name: a}]', '5', '5'],
  ['an empty user', 'securityContext: {seLinuxOptions: {user: ""}}\ncontainers: [{name: a}]'],
  ['a number as the type', 'containers:\n  - name: a\n    securityContext: {seLinuxOptions: {type: 3}}', '7'],
]);
