import assert from 'node:assert/strict';
import test, { describe } from 'node:test';
import fc from 'fast-check';
import type { ResourceSubject } from '../../resource/model.ts';
import type { MatchBlock } from '../document/match/model.ts';
import { parseKindSelector } from './kind-selector.ts';
import { compileMatch } from './match-rule.ts';
import type { RuleMatch } from './matcher.ts';

const pod: ResourceSubject = {
  operation: 'CREATE',
  group: '',
  version: 'v1',
  kind: 'Pod',
  subresource: '',
  namespace: 'shop',
  name: 'web-1',
  object: { metadata: { name: 'web-1', labels: { app: 'web', tier: 'front' }, annotations: { 'a/b': 'x' } } },
  user: {
    username: 'system:serviceaccount:ci:deployer',
    groups: ['system:serviceaccounts', 'devs'],
    roles: { state: 'known', value: ['shop:editor'], at: 0 },
    clusterRoles: { state: 'unavailable', reason: 'the API server did not answer' },
  },
  namespaceLabels: { state: 'known', value: { env: 'prod' }, at: 0 },
};

const matchRule = (rule: Parameters<typeof compileMatch>[0], subject: ResourceSubject, namespace?: string): RuleMatch =>
  compileMatch(rule, namespace)(subject);

const resources = (wanted: object): MatchBlock => ({ any: [{ resources: wanted }] });

const cases: readonly (readonly [what: string, match: MatchBlock, kind: string, subject?: Partial<ResourceSubject>])[] =
  [
    ['a kind', resources({ kinds: ['Pod'] }), 'yes'],
    ['another kind', resources({ kinds: ['Deployment'] }), 'no'],
    ['one of several kinds', resources({ kinds: ['Deployment', 'Pod'] }), 'yes'],
    ['a kind of a version', resources({ kinds: ['v1/Pod'] }), 'yes'],
    ['a kind of another version', resources({ kinds: ['v2/Pod'] }), 'no'],
    ['a kind of a group', resources({ kinds: ['apps/v1/Deployment'] }), 'yes', { group: 'apps', kind: 'Deployment' }],
    ['a kind of another group', resources({ kinds: ['apps/*/Deployment'] }), 'no', { group: 'x', kind: 'Deployment' }],
    ['a subresource, asked for the object', resources({ kinds: ['Pod'] }), 'no', { subresource: 'exec' }],
    [
      'containers that are added to a pod',
      resources({ kinds: ['Pod'] }),
      'yes',
      { subresource: 'ephemeralcontainers' },
    ],
    ['status, as older policies write it', resources({ kinds: ['v1/Pod.status'] }), 'yes', { subresource: 'status' }],
    ['a subresource', resources({ kinds: ['Pod/ephemeralcontainers'] }), 'yes', { subresource: 'ephemeralcontainers' }],
    ['any subresource', resources({ kinds: ['Pod/*'] }), 'yes', { subresource: 'exec' }],
    ['a subresource of any kind', resources({ kinds: ['*/scale'] }), 'yes', { kind: 'Scale', subresource: 'scale' }],
    ['another subresource of any kind', resources({ kinds: ['*/scale'] }), 'no', { subresource: 'exec' }],
    ['a subresource of any kind, asked for the object', resources({ kinds: ['*/scale'] }), 'no'],
    ['a subresource of any kind of a version', resources({ kinds: ['v1/*/exec'] }), 'yes', { subresource: 'exec' }],
    ['everything', resources({ kinds: ['*/*'] }), 'yes', { subresource: 'exec' }],
    ['every kind', resources({ kinds: ['*'] }), 'yes'],
    ['what is no kind', resources({ kinds: ['a/b/c/d/e'] }), 'no'],
    ['a name', resources({ kinds: ['Pod'], name: 'web-*' }), 'yes'],
    ['another name', resources({ kinds: ['Pod'], names: ['db-*', 'db'] }), 'no'],
    ['a namespace', resources({ kinds: ['Pod'], namespaces: ['s?op'] }), 'yes'],
    ['another namespace', resources({ kinds: ['Pod'], namespaces: ['default'] }), 'no'],
    ['labels', resources({ selector: { matchLabels: { app: 'w*', 't*': 'front' } } }), 'yes'],
    ['another label', resources({ selector: { matchLabels: { app: 'db' } } }), 'no'],
    [
      'an expression',
      resources({ selector: { matchExpressions: [{ key: 'app', operator: 'In', values: ['web'] }] } }),
      'yes',
    ],
    [
      'a label that is not there',
      resources({ selector: { matchExpressions: [{ key: 'x', operator: 'Exists' }] } }),
      'no',
    ],
    [
      'a label that must not be',
      resources({ selector: { matchExpressions: [{ key: 'x', operator: 'NotIn', values: ['y'] }] } }),
      'yes',
    ],
    ['an annotation', resources({ annotations: { 'a/*': '?' } }), 'yes'],
    ['an operation', resources({ kinds: ['Pod'], operations: ['UPDATE'] }), 'no'],
    [
      'lists that name nothing, beside one that does',
      resources({ kinds: ['Pod'], name: '', names: [], namespaces: [], operations: [] }),
      'yes',
    ],
    ['lists that name nothing, and nothing else', resources({ kinds: [], operations: [] }), 'no'],
    ['what is there already', resources({ kinds: ['Pod'], operations: ['CREATE'] }), 'yes', { operation: 'audit' }],
    ['labels of the namespace', resources({ namespaceSelector: { matchLabels: { env: 'prod' } } }), 'yes'],
    [
      'labels of a namespace that could not be looked up',
      resources({ kinds: ['Pod'], namespaceSelector: { matchLabels: { env: 'prod' } } }),
      'unknown',
      { namespaceLabels: { state: 'unavailable', reason: 'no answer' } },
    ],
    [
      'labels of a namespace that is not there',
      resources({ kinds: ['Pod'], namespaceSelector: { matchLabels: { env: 'prod' } } }),
      'unknown',
      { namespaceLabels: { state: 'absent', at: 0 } },
    ],
    [
      'another kind, whatever could not be looked up',
      resources({ kinds: ['Job'], namespaceSelector: { matchLabels: { env: 'prod' } } }),
      'no',
      { namespaceLabels: { state: 'unavailable', reason: 'no answer' } },
    ],
    ['a namespace, for what is in none', resources({ namespaceSelector: {} }), 'no', { namespace: '', kind: 'Node' }],
    ['a role', { any: [{ roles: ['shop:editor'] }] }, 'yes'],
    ['another role', { any: [{ roles: ['shop:viewer'] }] }, 'no'],
    ['a role that could not be looked up', { any: [{ clusterRoles: ['admin'] }] }, 'unknown'],
    [
      'a service account',
      { any: [{ subjects: [{ kind: 'ServiceAccount', name: 'deployer', namespace: 'ci' }] }] },
      'yes',
    ],
    ['a group', { any: [{ subjects: [{ kind: 'Group', name: 'dev*' }] }] }, 'yes'],
    ['another user', { any: [{ subjects: [{ kind: 'User', name: 'root' }] }] }, 'no'],
    [
      'a kind and a user',
      { all: [{ resources: { kinds: ['Pod'] } }, { subjects: [{ kind: 'User', name: 'root' }] }] },
      'no',
    ],
    ['the old form', { resources: { kinds: ['Pod'] } }, 'yes'],
    ['nothing', {}, 'no'],
    ['a filter that says nothing', { any: [{}] }, 'no'],
  ];

describe('match', () => {
  for (const [what, match, kind, subject] of cases) {
    test(what, () => assert.equal(matchRule({ match }, { ...pod, ...subject }).kind, kind));
  }
});

describe('exclude', () => {
  const match = resources({ kinds: ['Pod'] });
  test('takes out what it includes', () => {
    assert.equal(matchRule({ match, exclude: resources({ namespaces: ['shop'] }) }, pod).kind, 'no');
    assert.equal(matchRule({ match, exclude: resources({ namespaces: ['kube-*'] }) }, pod).kind, 'yes');
  });
  test('is not taken for met where it could not be looked up', () => {
    const exclude: MatchBlock = { any: [{ clusterRoles: ['admin'] }] };
    assert.equal(matchRule({ match, exclude }, pod).kind, 'unknown');
  });
});

test('a Policy is about its own namespace', () => {
  const match = resources({ kinds: ['Pod'] });
  assert.equal(matchRule({ match }, pod, 'shop').kind, 'yes');
  assert.equal(matchRule({ match }, pod, 'default').kind, 'no');
});

test('parseKindSelector() reads each form', () => {
  const forms = [
    'Pod',
    'v1/Pod',
    'apps/v1/Deployment',
    'Pod/exec',
    'v1/Pod/exec',
    'apps/v1/Deployment/scale',
    'tekton.dev/v1beta1/TaskRun.status',
    'Pod.status',
    '*',
    '*/*',
    '*/Pod',
    '*/*/Pod',
    '*/scale',
    'v1/*/exec',
    '*/*/*',
    'apps/*/*',
    '*/v1/Pod',
  ];
  assert.deepEqual(
    forms.map((text) => Object.values(parseKindSelector(text) ?? {}).join()),
    [
      '*,*,Pod,',
      '*,v1,Pod,',
      'apps,v1,Deployment,',
      '*,*,Pod,exec',
      '*,v1,Pod,exec',
      'apps,v1,Deployment,scale',
      'tekton.dev,v1beta1,TaskRun,status',
      '*,*,Pod,status',
      '*,*,*,',
      '*,*,*,*',
      '*,*,Pod,',
      '*,*,Pod,',
      '*,*,*,scale',
      '*,v1,*,exec',
      '*,*,*,*',
      'apps,*,*,',
      '*,v1,Pod,',
    ],
  );
  for (const text of ['', '/', 'a b', 'apps/Deployment/x', 'a/b/c/d/e'])
    assert.equal(parseKindSelector(text), undefined, text);
});

test('what one more filter of any includes is never less, and of all never more', () => {
  const filter = fc.constantFrom(
    { resources: { kinds: ['Pod'] } },
    { resources: { kinds: ['Job'] } },
    { resources: { namespaces: ['shop'] } },
    { clusterRoles: ['admin'] },
    {},
  );
  const rank = { no: 0, unknown: 1, yes: 2 } as const;
  fc.assert(
    fc.property(fc.array(filter, { minLength: 1, maxLength: 4 }), filter, (filters, more) => {
      const of = (match: MatchBlock): number => rank[matchRule({ match }, pod).kind];
      assert.ok(of({ any: [...filters, more] }) >= of({ any: filters }));
      assert.ok(of({ all: [...filters, more] }) <= of({ all: filters }));
    }),
  );
});
