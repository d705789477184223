import { testCheck } from '../../../../../testing/manifest-checks.ts';
import { awsAuth, writeConfigMaps } from './config-maps.ts';
import { networking } from './networking.ts';
import { nodeProxy } from './nodes.ts';
import { attachPods, deleteLogs, execPods, workloads } from './pods.ts';
import { clusterSecrets, namespaceSecrets } from './secrets.ts';
import { webhookConfigurations } from './webhooks.ts';
import { allClusterResources, allNamespaceResources, everything, everyVerb } from './wildcards.ts';

const object = (kind: string, ...rules: readonly string[]): string =>
  `apiVersion: rbac.authorization.k8s.io/v1\nkind: ${kind}\nmetadata: {name: r}\nrules:\n${rules.map((rule) => `  - {${rule}}\n`).join('')}`;
const role = (...rules: readonly string[]): string => object('Role', ...rules);
const clusterRole = (...rules: readonly string[]): string => object('ClusterRole', ...rules);
const rule = (group: string, resource: string, verb: string): string =>
  `apiGroups: ["${group}"], resources: ["${resource}"], verbs: ["${verb}"]`;

testCheck(clusterSecrets, 'object', [
  ['other resources', clusterRole(rule('', 'pods', 'get'))],
  ['reading', clusterRole(rule('', 'pods', 'get'), rule('', 'secrets', 'get')), '6'],
  ['everything', clusterRole(rule('*', 'secrets', '*')), '5'],
  ['a rule that names no group', clusterRole('resources: [secrets], verbs: [list]'), '5'],
  ['secrets of another group', clusterRole(rule('vault.example.com', 'secrets', 'get'))],
  ['a Role', role(rule('', 'secrets', 'get'))],
  ['verbs that are none', clusterRole('apiGroups: [""], resources: [secrets], verbs: get')],
  ['an object of another kind', object('Policy', rule('', 'secrets', 'get'))],
  ['rules that are none', `${clusterRole()}  null`],
]);
testCheck(namespaceSecrets, 'object', [
  ['a Role', role(rule('', 'secrets', 'watch')), '5'],
  ['a ClusterRole', clusterRole(rule('', 'secrets', 'get'))],
]);
testCheck(deleteLogs, 'object', [
  ['reading', role(rule('', 'pods/log', 'get'))],
  ['deleting', role(rule('', 'pods/log', 'deletecollection')), '5'],
  ['everything', role(rule('', 'pods/log', '*')), '5'],
]);
testCheck(everything, 'object', [
  ['all of one group', clusterRole(rule('apps', '*', '*'))],
  ['all verbs of one resource', clusterRole(rule('*', 'pods', '*'))],
  ['all', clusterRole(rule('*', '*', '*')), '5'],
  ['all with more beside it', role('apiGroups: ["", "*"], resources: [pods, "*"], verbs: [get, "*"]'), '5'],
]);
testCheck(everyVerb, 'object', [
  ['some verbs', role(rule('', 'pods', 'get'))],
  ['all verbs of what is harmless', role(rule('', 'events', '*'))],
  ['all verbs of jobs', role(rule('batch', 'jobs', '*')), '5'],
]);
testCheck(allClusterResources, 'object', [
  ['reading all', clusterRole(rule('*', '*', 'get')), '5'],
  ['all of roles and bindings', clusterRole(rule('rbac.authorization.k8s.io', '*', '*')), '5'],
  ['all of somebody else', clusterRole(rule('cert-manager.io', '*', '*'))],
  ['no verbs', clusterRole('apiGroups: ["*"], resources: ["*"], verbs: []')],
  ['a Role', role(rule('*', '*', 'get'))],
  ['addresses that are no resources', clusterRole('nonResourceURLs: ["*"], verbs: [get]')],
]);
testCheck(allNamespaceResources, 'object', [
  ['a Role', role(rule('', '*', 'list')), '5'],
  ['a ClusterRole', clusterRole(rule('', '*', 'list'))],
]);
testCheck(nodeProxy, 'object', [
  ['metrics', clusterRole(rule('', 'nodes/metrics', 'get'))],
  ['watching', clusterRole(rule('', 'nodes/proxy', 'watch'))],
  ['asking', clusterRole(rule('', 'nodes/proxy', 'get')), '5'],
]);
testCheck(workloads, 'object', [
  ['reading', role(rule('apps', 'deployments', 'list'))],
  ['making', role(rule('', 'pods', 'create')), '5'],
  ['jobs of somebody else', role(rule('example.com', 'jobs', 'create'))],
]);
testCheck(writeConfigMaps, 'object', [
  ['reading', role(rule('', 'configmaps', 'get'))],
  ['changing', role(rule('', 'configmaps', 'patch')), '5'],
]);
testCheck(awsAuth, 'object', [
  ['all of them, which has a check of its own', role(rule('', 'configmaps', 'update'))],
  ['another one', role(`${rule('', 'configmaps', 'update')}, resourceNames: [mine]`)],
  ['reading it', role(`${rule('', 'configmaps', 'get')}, resourceNames: [aws-auth]`)],
  ['changing it', role(`${rule('', 'configmaps', 'update')}, resourceNames: [mine, aws-auth]`), '5'],
]);
testCheck(execPods, 'object', [
  ['reading', role(rule('', 'pods/exec', 'get'))],
  ['commands', role(rule('', 'pods/exec', 'create')), '5'],
]);
testCheck(attachPods, 'object', [
  ['attaching alone, since the Pod must be read first', role(rule('', 'pods/attach', 'create'))],
  ['both, in any order', role(rule('', 'pods/attach', 'create'), rule('', 'pods', 'get')), '5'],
  ['both in one rule', role('apiGroups: ["*"], resources: [pods, pods/attach], verbs: [get, create]'), '5'],
]);
testCheck(networking, 'object', [
  ['reading', role(rule('', 'services', 'get'))],
  ['Services', role(rule('', 'services', 'update')), '5'],
  ['network policies', role(rule('networking.k8s.io', 'networkpolicies', 'delete')), '5'],
  ['Services of Knative', role(rule('serving.knative.dev', 'services', 'update'))],
]);
testCheck(webhookConfigurations, 'object', [
  ['reading', clusterRole(rule('admissionregistration.k8s.io', 'validatingwebhookconfigurations', 'list'))],
  ['changing', clusterRole(rule('admissionregistration.k8s.io', 'mutatingwebhookconfigurations', 'patch')), '5'],
]);
