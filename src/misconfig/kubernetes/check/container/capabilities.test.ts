import { testCheck } from '../../../../../testing/manifest-checks.ts';
import { addsAny, dropsNone, dropsNotAll, netRaw, onlyNetBindService, sysAdmin, sysModule } from './capabilities.ts';

const all = 'securityContext:\n  capabilities:\n    drop: [ALL]\n';
const some = 'securityContext:\n  capabilities:\n    drop: [NET_RAW]';
const add = (names: string): string => `securityContext:\n  capabilities:\n    add: ${names}`;

testCheck(dropsNotAll, 'container', [
  ['all', all],
  ['all in small letters, as runtimes take it', 'securityContext: {capabilities: {drop: [all]}}'],
  ['some', some, '9'],
  ['none', 'image: x', '6-7'],
  ['a text in place of the list', 'securityContext: {capabilities: {drop: ALL}}', '7'],
  ['numbers and nulls', 'securityContext: {capabilities: {drop: [1, null, [ALL]]}}', '7'],
]);
testCheck(dropsNone, 'container', [
  ['one', some],
  ['none', 'securityContext: {capabilities: {add: [CHOWN]}}', '6-7'],
  ['an empty list', 'securityContext: {capabilities: {drop: []}}', '6-7'],
  ['null', 'securityContext: {capabilities: null}', '6-7'],
]);
testCheck(sysAdmin, 'container', [
  ['others', add('[CHOWN, SYS_ADMINS]')],
  ['a capability that is dropped', 'securityContext: {capabilities: {drop: [SYS_ADMIN]}}'],
  ['it', add('\n      - CHOWN\n      - SYS_ADMIN'), '11'],
  ['it with the prefix of the kernel', add('[CAP_SYS_ADMIN]'), '9'],
  ['it in small letters', add('[sys_admin]'), '9'],
  ['all', add('[ALL]'), '9'],
]);
testCheck(addsAny, 'container', [
  ['nothing', all],
  ['an empty list', add('[]')],
  ['one', add('[NET_BIND_SERVICE]'), '9'],
  ['what is no capability', add('["", 3, "a b"]')],
]);
testCheck(onlyNetBindService, 'container', [
  ['all dropped', all],
  ['all dropped and the one added', `${all}    add: [NET_BIND_SERVICE]`],
  ['some dropped', some, '9'],
  ['nothing dropped', 'image: x', '6-7'],
  ['others added', `${all}    add: [NET_BIND_SERVICE, CHOWN, KILL]`, '10', '10'],
]);
testCheck(netRaw, 'container', [
  ['others', add('[NET_ADMIN]')],
  ['it', add('[NET_RAW]'), '9'],
]);
testCheck(sysModule, 'container', [
  ['others', add('[SYS_MODULES]')],
  ['it', add('[SYS_MODULE]'), '9'],
]);
