import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileSelection, type SelectionRequest, unknownKinds } from './selection.ts';

const workloads = 'Pod ReplicaSet Job ReplicationController Deployment StatefulSet DaemonSet CronJob';
const facts = 'Node Namespace ServiceAccount';

const listed: readonly (readonly [what: string, SelectionRequest, kinds: string])[] = [
  ['everything that runs', {}, `${workloads} ${facts}`],
  // All that runs is known by all kinds together.
  ['one kind that runs', { includeKinds: ['deploy'] }, `${workloads} ${facts}`],
  ['a kind that is defined', { includeKinds: ['Rollout'] }, `${workloads} ${facts}`],
  ['other kinds alone', { includeKinds: ['svc', 'roles.rbac.authorization.k8s.io'] }, 'Service Role'],
  ['nodes alone', { includeKinds: ['node'] }, 'Node'],
  ['both', { includeKinds: ['STATEFULSETS', 'ingress'] }, `${workloads} ${facts} Ingress`],
  ['no nodes', { excludeKinds: ['nodes', 'pod'] }, `${workloads} Namespace ServiceAccount`],
];
for (const [what, request, kinds] of listed) {
  test(`compileSelection() has kinds listed for ${what}`, () => {
    const found = compileSelection(request).kinds.map(({ kind }) => kind);
    assert.deepEqual([...found].sort(), kinds.split(' ').sort());
  });
}

const words: readonly (readonly [word: string, group: string, kind: string, is: boolean])[] = [
  ['deploy', 'apps', 'Deployment', true],
  ['Deployments.apps', 'apps', 'Deployment', true],
  ['deployment', 'extensions.example', 'Deployment', true],
  ['deploy', 'extensions.example', 'Deployment', false],
  ['deployments.apps', 'extensions.example', 'Deployment', false],
  ['rollouts.argoproj.io', 'argoproj.io', 'Rollout', true],
  ['rollouts.argoproj.io', 'evil.io', 'Rollout', false],
  ['policies', 'x.io', 'Policy', true],
  ['po', '', 'Pod', true],
  ['pods', '', 'PodTemplate', false],
];
for (const [word, group, kind, is] of words) {
  test(`compileSelection() takes ${word} ${is ? '' : 'not '}for ${kind} of ${group === '' ? 'the core' : group}`, () => {
    assert.equal(compileSelection({ includeKinds: [word] }).hasKind({ group, kind }), is);
    assert.equal(compileSelection({ excludeKinds: [word] }).hasKind({ group, kind }), !is);
  });
}

const namespaces: readonly (readonly [
  SelectionRequest,
  name: string,
  is: boolean,
  named: readonly string[] | undefined,
])[] = [
  [{}, 'any', true, undefined],
  [{ includeNamespaces: ['a', 'B', 'b'] }, 'b', true, ['a', 'b']],
  [{ includeNamespaces: ['a'] }, 'ab', false, ['a']],
  [{ includeNamespaces: ['a', 'team-*'] }, 'team-x', true, undefined],
  [{ includeNamespaces: ['team-?'] }, 'team-xy', false, undefined],
  [{ excludeNamespaces: ['kube-*'] }, 'kube-system', false, undefined],
  [{ excludeNamespaces: ['kube-*'] }, 'a-kube-b', true, undefined],
];
for (const [request, name, is, named] of namespaces) {
  test(`compileSelection() of ${JSON.stringify(request)} ${is ? 'has' : 'has not'} ${name}`, () => {
    const selection = compileSelection(request);
    assert.equal(selection.hasNamespace(name), is);
    assert.deepEqual(selection.named, named);
  });
}

const wrong: readonly (readonly [SelectionRequest, RegExp])[] = [
  [
    { includeNamespaces: ['a'], excludeNamespaces: ['b'] },
    /both included and excluded; use one of --include-namespaces/,
  ],
  [{ includeKinds: ['a'], excludeKinds: ['b'] }, /--exclude-kinds/],
  [{ includeNamespaces: ['a/b'] }, /"a\/b" is no name of a namespace/],
  [{ includeNamespaces: [''] }, /a name of namespaces is empty/],
  [{ excludeKinds: ['pod', ''] }, /a name of kinds is empty/],
  [{ includeNamespaces: Array.from({ length: 1001 }, (_, at) => `n${at}`) }, /more than 1000/],
];
for (const [request, message] of wrong) {
  test(`compileSelection() says what is wrong: ${message.source}`, () => {
    assert.throws(() => compileSelection(request), { code: 'SELECTION_INVALID', message });
  });
}

test('unknownKinds() tells words that may be mistyped', () => {
  assert.deepEqual(unknownKinds(['po', 'Deployments', 'rollout', 'deploymnt']), ['rollout', 'deploymnt']);
});
