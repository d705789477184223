import assert from 'node:assert/strict';
import { test } from 'node:test';
import { podOf } from '../../../../testing/policy/judge-object.ts';
import type { ResourceSubject } from '../model.ts';
import { type Matched, matchConstraints } from './match.ts';
import type { MatchConstraints, ResourceRuleFilter } from './model.ts';

const pods: ResourceRuleFilter = {
  apiGroups: [''],
  apiVersions: ['v1'],
  operations: ['CREATE', 'UPDATE'],
  resources: ['pods'],
};
const pod = podOf(['a']);
const cluster = { ...pod, kind: 'PersistentVolume', namespace: '' };
const namespace: ResourceSubject = {
  ...pod,
  kind: 'Namespace',
  namespace: 'team',
  object: { metadata: { labels: { env: 'prod' } } },
};

function of(rule: Partial<ResourceRuleFilter>, subject: ResourceSubject = pod, more: MatchConstraints = {}): Matched {
  return matchConstraints({ resourceRules: [{ ...pods, ...rule }], ...more }, subject, undefined);
}

const cases: readonly (readonly [what: string, answer: Matched, expected: Matched])[] = [
  ['the resource', of({}), 'yes'],
  ['another resource', of({ resources: ['services'] }), 'no'],
  ['any resource', of({ resources: ['*'] }), 'yes'],
  ['another group', of({ apiGroups: ['apps'] }), 'no'],
  ['any group', of({ apiGroups: ['*'] }), 'yes'],
  ['another operation', of({ operations: ['DELETE'] }), 'no'],
  ['what is there already', of({}, { ...pod, operation: 'audit' }), 'yes'],
  [
    'what is there already, and only what goes counts',
    of({ operations: ['DELETE'] }, { ...pod, operation: 'audit' }),
    'no',
  ],
  ['another version, which is the same object', of({ apiVersions: ['v2'] }), 'yes'],
  ['another version, where that counts', of({ apiVersions: ['v2'] }, pod, { matchPolicy: 'Exact' }), 'no'],
  ['the version, where that counts', of({}, pod, { matchPolicy: 'Exact' }), 'yes'],
  ['a name', of({ resourceNames: ['web'] }), 'yes'],
  ['another name', of({ resourceNames: ['db'] }), 'no'],
  ['what is in a namespace', of({ scope: 'Namespaced' }), 'yes'],
  ['what is in none', of({ scope: 'Cluster' }), 'no'],
  ['what is of the cluster', of({ scope: 'Cluster', resources: ['persistentvolumes'] }, cluster), 'yes'],
  ['containers that are added to pods', of({}, { ...pod, subresource: 'ephemeralcontainers' }), 'yes'],
  ['another subresource', of({}, { ...pod, subresource: 'status' }), 'no'],
  ['any subresource', of({ resources: ['pods/*'] }, { ...pod, subresource: 'status' }), 'yes'],
  ['a subresource, where all resources are meant', of({ resources: ['*'] }, { ...pod, subresource: 'status' }), 'no'],
  ['everything', of({ resources: ['*/*'] }, { ...pod, subresource: 'status' }), 'yes'],
  ['what is excluded', of({}, pod, { excludeResourceRules: [pods] }), 'no'],
  ['no rules', matchConstraints({}, pod, undefined), 'no'],
  ['labels that it does not have', of({}, pod, { objectSelector: { matchLabels: { a: 'b' } } }), 'no'],
];

for (const [what, answer, expected] of cases) {
  test(`matchConstraints() is ${JSON.stringify(expected)} for ${what}`, () => assert.deepEqual(answer, expected));
}

test('an object that loses a label is still selected by it', () => {
  const labelled = { metadata: { labels: { a: 'b' } } };
  const subject: ResourceSubject = { ...pod, operation: 'UPDATE', oldObject: labelled };
  assert.equal(of({}, subject, { objectSelector: { matchLabels: { a: 'b' } } }), 'yes');
});

test('a namespace is selected by labels that must be known', () => {
  const prod = { namespaceSelector: { matchLabels: { env: 'prod' } } };
  const ask = (labels: Parameters<typeof matchConstraints>[2], subject = pod): Matched =>
    matchConstraints({ resourceRules: [{ ...pods, resources: ['*'] }], ...prod }, subject, labels);
  assert.equal(ask(undefined), 'namespaceLabels');
  assert.equal(ask({ state: 'known', value: { env: 'prod' }, at: 0 }), 'yes');
  assert.equal(ask({ state: 'known', value: { env: 'prod*' }, at: 0 }), 'no');
  // CVE-2025-46342: that nobody could look is no reason to pass the object over.
  assert.ok(typeof ask({ state: 'unavailable', reason: 'down' }) === 'object');
  assert.equal(ask(undefined, cluster), 'yes');
  assert.equal(ask(undefined, namespace), 'yes');
});

test('a subresource is of the group that it belongs to, whatever its kind is of', () => {
  const resource = { group: 'apps', version: 'v1', resource: 'deployments' };
  const scale = {
    ...pod,
    group: 'autoscaling',
    kind: 'Scale',
    subresource: 'scale',
    resource: resource.resource,
    request: { resource },
  };
  assert.equal(of({ apiGroups: ['apps'], resources: ['deployments/scale'] }, scale), 'yes');
  assert.equal(of({ apiGroups: ['autoscaling'], resources: ['deployments/scale'] }, scale), 'no');
});

test('a resource is named by the server, or by its kind', () => {
  assert.equal(of({ resources: ['networkpolicies'] }, { ...pod, kind: 'NetworkPolicy' }), 'yes');
  assert.equal(of({ resources: ['ingresses'] }, { ...pod, kind: 'Ingress' }), 'yes');
  assert.equal(of({ resources: ['endpoints'] }, { ...pod, kind: 'Endpoints' }), 'yes');
  assert.equal(of({ resources: ['geese'] }, { ...pod, kind: 'Goose', resource: 'geese' }), 'yes');
});
