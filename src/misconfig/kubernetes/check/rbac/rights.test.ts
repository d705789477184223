import { testCheck } from '../../../../../testing/manifest-checks.ts';
import { adminBinding, anonymousBinding, mastersBinding } from './bindings.ts';
import { bindClusterRoles, bindRoles, escalate, extendBindings, impersonateGroups } from './escalation.ts';

const role = (...rules: readonly string[]): string =>
  `apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: r}\nrules:\n${rules.map((rule) => `  - {${rule}}\n`).join('')}`;
const rbac = (resource: string, verb: string): string =>
  `apiGroups: [rbac.authorization.k8s.io], resources: [${resource}], verbs: ["${verb}"]`;

testCheck(impersonateGroups, 'object', [
  ['users', role('apiGroups: [""], resources: [users], verbs: [impersonate]')],
  ['groups', role('apiGroups: [""], resources: [groups], verbs: [impersonate]'), '5'],
  ['groups of all groups of the API', role('apiGroups: ["*"], resources: [groups], verbs: [impersonate]'), '5'],
  ['one group', role('apiGroups: [""], resources: [groups], verbs: [impersonate], resourceNames: [developers]')],
]);
testCheck(escalate, 'object', [
  ['reading', role(rbac('roles', 'get'))],
  ['writing, which is held to what one has', role(rbac('roles', 'update'))],
  ['escalate', role(rbac('roles', 'escalate')), '5'],
  ['everything', role(rbac('rolebindings', '*')), '5'],
  ['roles of somebody else', role('apiGroups: [example.com], resources: [roles], verbs: ["*"]')],
]);
testCheck(bindRoles, 'object', [
  ['making bindings', role(rbac('rolebindings', 'create'))],
  ['binding', role(rbac('clusterroles', 'bind'))],
  ['both', role(rbac('rolebindings', 'create'), rbac('clusterroles', 'bind')), '5'],
  ['both in the other order', role(rbac('roles', 'bind'), rbac('rolebindings', 'create')), '6'],
  [
    'both, of any name',
    role(rbac('rolebindings', 'create'), `${rbac('clusterroles', 'bind')}, resourceNames: ["*"]`),
    '5',
  ],
  ['both, of one role', role(rbac('rolebindings', 'create'), `${rbac('clusterroles', 'bind')}, resourceNames: [view]`)],
  ['bindings of the cluster', role(rbac('clusterrolebindings', 'create'), rbac('clusterroles', 'bind'))],
]);
testCheck(bindClusterRoles, 'object', [
  ['both', role(rbac('clusterrolebindings', 'create'), rbac('clusterroles', 'bind')), '5'],
  ['roles of a namespace', role(rbac('clusterrolebindings', 'create'), rbac('roles', 'bind'))],
]);
testCheck(extendBindings, 'object', [
  ['reading', role(rbac('rolebindings', 'get'))],
  ['both', role(rbac('rolebindings', 'get'), rbac('rolebindings', 'patch')), '6'],
]);

const binding = (kind: string, rest: string): string =>
  `apiVersion: rbac.authorization.k8s.io/v1\nkind: ${kind}\nmetadata: {name: b}\n${rest}\n`;

testCheck(adminBinding, 'object', [
  ['another role', binding('RoleBinding', 'roleRef: {kind: ClusterRole, name: view}')],
  ['an administrator', binding('ClusterRoleBinding', 'roleRef:\n  kind: ClusterRole\n  name: cluster-admin'), '4-6'],
  ['an editor of a namespace', binding('RoleBinding', 'roleRef: {kind: ClusterRole, name: edit}'), '4'],
  ['a Role of that name', binding('RoleBinding', 'roleRef: {kind: Role, name: edit}')],
  ['an object of another kind', binding('Grant', 'roleRef: {name: edit}')],
  ['no role', binding('RoleBinding', 'roleRef: edit')],
]);
testCheck(anonymousBinding, 'object', [
  ['a user', binding('RoleBinding', 'subjects: [{kind: User, name: jane}]')],
  [
    'those who did not log in',
    binding('RoleBinding', 'subjects:\n  - {kind: User, name: jane}\n  - {kind: User, name: "system:anonymous"}'),
    '6',
  ],
  ['their group', binding('ClusterRoleBinding', 'subjects:\n  - {kind: Group, name: "system:unauthenticated"}'), '5'],
  ['subjects that are none', binding('RoleBinding', 'subjects: [null, "system:anonymous", {name: [a]}]')],
]);
testCheck(mastersBinding, 'object', [
  ['another group', binding('RoleBinding', 'subjects: [{kind: Group, name: masters}]')],
  ['masters', binding('RoleBinding', 'subjects: [{kind: Group, name: "system:masters"}]'), '4'],
]);
