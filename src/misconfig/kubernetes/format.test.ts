import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { assertSurvives } from '../../../testing/hostile-bytes.ts';
import type { CheckedFile } from '../../finding/misconfiguration.ts';
import { kubernetesFormat } from './format.ts';
import { manifestLimits } from './limits.ts';
import { kubernetesChecks } from './list.ts';

function check(text: string | Uint8Array, skipped: readonly string[] = []): CheckedFile | undefined {
  const bytes = typeof text === 'string' ? Buffer.from(text) : text;
  return kubernetesFormat.check('dir/a.yaml', bytes, { skipped: new Set(skipped), now: 0 });
}

/** Objects of which something is told, as their failures name them. */
function resources(text: string): string[] {
  return [...new Set(check(text)?.failures.map(({ resource }) => resource ?? ''))];
}

const pod = (name: string): string => `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}}\nspec: {hostPID: true}\n`;

test('kubernetesFormat looks at YAML and JSON', () => {
  for (const path of ['a.yaml', 'dir/b.YML', 'c.json']) assert.ok(kubernetesFormat.mayBe(path), path);
  for (const path of ['a.txt', 'yaml', 'a.yaml.tpl', 'Dockerfile']) assert.ok(!kubernetesFormat.mayBe(path), path);
});

test('kubernetesFormat tells failures with their lines, and what is kept', () => {
  const file = check(pod('a'));
  assert.equal(file?.path, 'dir/a.yaml');
  assert.equal(file.type, 'kubernetes');
  assert.deepEqual(
    file.failures.map(({ check: { id }, lines, resource }) => [id, lines?.start, resource]),
    [
      ['KSV-0010', 4, 'Pod a'],
      ['KSV-0110', 3, 'Pod a'],
    ],
  );
  assert.equal(file.passed.length, kubernetesChecks.length - 2);
  assert.deepEqual([file.ignored, file.problems], [[], []]);
});

const others: readonly (readonly [what: string, text: string])[] = [
  ['nothing', ''],
  ['settings', 'a: 1\nb: [kind]\n'],
  ['a chart', 'apiVersion: v2\nname: x\n'],
  ['values of charts', 'kind: Deployment\nimage: {{ .Values.x }}\n'],
  ['templates of CloudFormation', 'Resources:\n  A: {Type: x, Value: !Sub y}\n'],
  ['broken YAML', 'a: [\n'],
  ['an object that says nothing', 'apiVersion: ""\nkind: Pod\n'],
  ['an object whose kind is a number', 'apiVersion: v1\nkind: 3\n'],
  ['names of fields in a text', 'a: |\n  apiVersion: v1\n  kind: Pod\n'],
  ['bytes', '\u0000\u0001'],
];
for (const [what, text] of others) {
  test(`kubernetesFormat leaves ${what} to others`, () => {
    assert.equal(check(text), undefined);
  });
}

const problems: readonly (readonly [what: string, text: string | Uint8Array, problem: RegExp])[] = [
  ['broken YAML', `${pod('a')}x: [\n`, /^Line \d+ cannot be read: this is no YAML/],
  ['a name that stands twice', `${pod('a')}kind: Pod\n`, /^Line 5 cannot be read: "kind" stands twice; keep one$/],
  ['a tag', `${pod('a')}x: !!str y\n`, /^Line 5 cannot be read: tags/],
  ['broken JSON', '{"apiVersion":"v1","kind":"Pod",', /^Line 1 cannot be read/],
  [
    'JSON whose names are written with escapes',
    '{"api\\u0056ersion":"v1","kind":"List","items":[3]}',
    /^Line 1 cannot be read: what is in a list/,
  ],
  ['a template of a chart', 'apiVersion: v1\nkind: Pod\n{{- if .Values.x }}\n', /helm template/],
  [
    'a template that is YAML as it stands',
    'apiVersion: v1\nkind: Pod\nspec: {a: "{{ .Values.x }}"}\n',
    /helm template/,
  ],
  ['a template without values', 'apiVersion: v1\nkind: Pod\n{{- end }}\n', /helm template/],
  ['another encoding', Buffer.from(`\uFEFF${pod('a')}`, 'utf16le'), /not UTF-8/],
  ['bytes that are no text', Buffer.concat([Buffer.from(pod('a')), Buffer.from([0x23, 0xff])]), /not UTF-8/],
  ['too much', Buffer.from(pod('a') + ' '.repeat(manifestLimits.bytes)), /larger than/],
  ['too many documents', `${pod('a')}---\n`.repeat(manifestLimits.documents + 1), /more than 5000 documents/],
  ['a list in a list in a list', lists(manifestLimits.lists + 1), /too deep/],
  ['a list with what is no object', 'apiVersion: v1\nkind: List\nitems: [{a: 1}]\n', /neither apiVersion nor kind/],
];

function lists(depth: number): string {
  return depth === 0 ? '{apiVersion: v1, kind: Pod}' : `{apiVersion: v1, kind: List, items: [${lists(depth - 1)}]}`;
}

for (const [what, text, problem] of problems) {
  test(`kubernetesFormat does not call ${what} clean`, () => {
    const file = check(text);
    assert.match(file?.problems[0] ?? '', problem);
    assert.deepEqual(file?.passed, []);
  });
}

test('kubernetesFormat tells of documents beside one that cannot be read', () => {
  const file = check(`${pod('a')}---\nx: [\n---\n${pod('b')}`);
  assert.deepEqual(file?.problems.length, 1);
  assert.deepEqual([...new Set(file?.failures.map(({ resource }) => resource))], ['Pod a', 'Pod b']);
});

test('kubernetesFormat does not take braces of others for charts', () => {
  for (const braces of ['{{ $labels.pod }}', '{{workflow.parameters.x}}', '{{.path.basename}}']) {
    assert.deepEqual(check(`${pod('a')}a: "${braces}"\n`)?.problems, []);
  }
});

test('kubernetesFormat reads several documents and lists', () => {
  assert.deepEqual(resources(`# x\n---\n${pod('a')}---\n# nothing\n---\n${pod('b')}...\n`), ['Pod a', 'Pod b']);
  const spec = 'spec: {hostPID: true}';
  assert.deepEqual(
    resources(
      `apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Pod, metadata: {name: a, namespace: shop}, ${spec}}\n`,
    ),
    ['Pod shop/a'],
  );
  assert.deepEqual(
    resources(
      `apiVersion: v1\nkind: PodList\nitems:\n- {metadata: {name: a}, ${spec}}\n- {metadata: {generateName: b-}, ${spec}}\n`,
    ),
    ['Pod a', 'Pod b-'],
  );
  assert.deepEqual(
    resources(`{"apiVersion":"v1","kind":"Pod","metadata":{"name":"\\u001b[31m"},"spec":{"hostPID":true}}`),
    ['Pod \uFFFD[31m'],
  );
  assert.deepEqual(check('apiVersion: v1\nkind: List\nitems: []\n')?.failures, []);
});

const kinds: readonly (readonly [kind: string, way: string])[] = [
  ['Deployment', 'spec: {template: {SPEC}}'],
  ['DeploymentConfig', 'spec: {template: {SPEC}}'],
  ['StatefulSet', 'spec: {template: {SPEC}}'],
  ['DaemonSet', 'spec: {template: {SPEC}}'],
  ['ReplicaSet', 'spec: {template: {SPEC}}'],
  ['ReplicationController', 'spec: {template: {SPEC}}'],
  ['Job', 'spec: {template: {SPEC}}'],
  ['Rollout', 'spec: {template: {SPEC}}'],
  ['CronJob', 'spec: {jobTemplate: {spec: {template: {SPEC}}}}'],
  ['PodTemplate', 'template: {SPEC}'],
  ['Pod', 'SPEC'],
];
for (const [kind, way] of kinds) {
  test(`kubernetesFormat finds what a ${kind} makes Pods of`, () => {
    const spec = 'spec: {hostPID: true, initContainers: [{name: i, image: x}], containers: [{image: x}]}';
    const failures = check(
      `apiVersion: x/v1\nkind: ${kind}\nmetadata: {name: w}\n${way.replace('SPEC', spec)}\n`,
    )?.failures;
    assert.ok(failures !== undefined && failures.some(({ check: { id } }) => id === 'KSV-0010'));
    const tagged = failures.filter(({ check: { id } }) => id === 'KSV-0013').map(({ resource }) => resource);
    assert.deepEqual(tagged, [`${kind} w, container 1`, `${kind} w, init container i`]);
  });
}

test('kubernetesFormat does not run what is skipped, by any of its names', () => {
  for (const name of ['ksv-0010', 'avd-ksv-0010', 'ksv010', 'no-host-pid']) {
    const file = check(pod('a'), [name]);
    assert.ok(file !== undefined);
    const told = [...file.failures.map((each) => each.check), ...file.passed];
    assert.equal(told.length, kubernetesChecks.length - 1);
    assert.ok(told.every(({ id }) => id !== 'KSV-0010'));
  }
});

test('kubernetesFormat tells no more places than anybody reads', () => {
  const file = check(`apiVersion: v1\nkind: Pod\nspec:\n  containers:\n${'    - {}\n'.repeat(5000)}`);
  assert.equal(file?.failures.length, manifestLimits.failures);
  assert.match(file.problems[0] ?? '', /further ones are not told/);
});

const workload = `apiVersion: v1
kind: Pod
metadata: {name: p, namespace: default, annotations: {container.seccomp.security.alpha.kubernetes.io/a: unconfined}}
spec:
  hostAliases: [{ip: 1.1.1.1}]
  securityContext: {runAsUser: 0, sysctls: [{name: x}], seLinuxOptions: {type: y}, supplementalGroups: [0]}
  volumes: [{name: v, hostPath: {path: /}}, {nfs: {server: s}}]
  containers: # trivy:ignore:KSV-00*
    - &c {name: a, image: x, ports: [{hostPort: 1, containerPort: 2}], resources: {limits: {cpu: 1}}}
    - {<<: *c, securityContext: {capabilities: {add: [ALL], drop: [x]}, windowsOptions: {}}}
`;
const role = `{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"ClusterRole","metadata":{"name":"r"},"rules":[{"apiGroups":["*"],
"resources":["*","secrets"],"verbs":["*"],"resourceNames":["a"]}],"roleRef":{"name":"edit"},"subjects":[{"name":"system:masters"}]}`;
const config =
  '{"apiVersion":"v1","kind":"ConfigMap","data":{"password":"x","a":"b=c"},"spec":{"hard":{},"limits":[]}}';

test('kubernetesFormat survives hostile bytes', () => {
  assertSurvives([workload, role, config, `${workload}---\n${pod('b')}`], (bytes) => check(bytes));
});

test('kubernetesFormat is total, and lines are those of the file', () => {
  const leaf = fc.constantFrom<unknown>(null, true, false, 0, 1, -1, 1e300, '', 'ALL', 'x', '/', [], {});
  const names = [
    'spec',
    'template',
    'metadata',
    'name',
    'namespace',
    'labels',
    'annotations',
    'containers',
    'image',
    'ports',
    'hostPort',
  ];
  names.push(
    'securityContext',
    'capabilities',
    'add',
    'drop',
    'volumes',
    'hostPath',
    'path',
    'resources',
    'limits',
    'cpu',
    'seccompProfile',
  );
  names.push(
    'rules',
    'verbs',
    'apiGroups',
    'subjects',
    'roleRef',
    'data',
    'items',
    'jobTemplate',
    'sysctls',
    'parameters',
    'repos',
  );
  const { value } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 6 },
      leaf,
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom(...names), tie('value'), { maxKeys: 5 }),
    ),
  }));
  const kind = fc.constantFrom(
    'Pod',
    'Deployment',
    'CronJob',
    'Role',
    'ClusterRole',
    'RoleBinding',
    'ConfigMap',
    'Service',
    'List',
  );
  const others = fc.constantFrom('NetworkPolicy', 'LimitRange', 'ResourceQuota', 'K8sAllowedRepos', 'PodList');
  fc.assert(
    fc.property(fc.oneof(kind, others), fc.dictionary(fc.constantFrom(...names), value), (each, fields) => {
      const text = JSON.stringify({ apiVersion: 'v1', kind: each, ...fields }, undefined, 1);
      const file = check(text);
      assert.ok(file !== undefined);
      const count = text.split('\n').length;
      for (const { lines, resource } of file.failures) {
        assert.ok(lines !== undefined && resource !== undefined);
        assert.ok(lines.start >= 1 && lines.start <= lines.end && lines.end <= count);
      }
    }),
    { numRuns: 500 },
  );
});
