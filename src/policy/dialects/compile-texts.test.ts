import assert from 'node:assert/strict';
import test from 'node:test';
import { judgeTestObject, podOf } from '../../../testing/policy/judge-object.ts';
import { usualNaming } from '../kyverno/image-name.ts';
import { strictStyle } from '../kyverno/style.ts';
import { optedInNamespaces } from '../policy-controller/settings.ts';
import { compileTexts } from './compile-texts.ts';
import { splitDocuments } from './split-documents.ts';
import type { DialectSettings } from './model.ts';

const settings: DialectSettings = { kyverno: { style: strictStyle, naming: usualNaming, namespace: 'kyverno' } };

const own = `apiVersion: seaworthy.dev/v1
kind: ImagePolicy
metadata:
  name: sources
spec:
  sources:
    allow: ['ghcr.io/org/**']
`;
const kyverno = `apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata:
  name: no-latest
spec:
  validationFailureAction: Enforce
  rules:
    - name: tag
      match: {any: [{resources: {kinds: [Pod]}}]}
      validate:
        message: a tag is needed
        pattern: {spec: {containers: [{image: '!*:latest'}]}}
`;

test('policies of several kinds stand in one text, and what is none of them is told', async () => {
  const text = `# all of ours\n${own}---\n${kyverno}---\n# nothing\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n`;
  const { policies, mistakes, others } = await compileTexts([{ file: 'all.yaml', text }], settings);
  assert.deepEqual(mistakes, []);
  assert.deepEqual(
    policies.map(({ id, dialect }) => [id, dialect]),
    [
      ['sources', 'seaworthy'],
      ['no-latest', 'kyverno'],
    ],
  );
  const line = text.split('\n').indexOf('apiVersion: v1') + 1;
  assert.deepEqual(others, [{ file: 'all.yaml', line, apiVersion: 'v1', kind: 'ConfigMap' }]);
});

test('mistakes have the places of the whole text, in the order of the texts, whatever the dialect', async () => {
  const wrongOwn = own.replace('allow', 'alow');
  const wrongKyverno = kyverno.replace('rules:', 'rulse:');
  const first = `${kyverno}---\n${wrongOwn}`;
  const { policies, mistakes } = await compileTexts(
    [
      { file: 'a.yaml', text: first },
      { file: 'b.yaml', text: `\n\n${wrongKyverno}` },
    ],
    settings,
  );
  assert.deepEqual(
    policies.map(({ id }) => id),
    ['no-latest'],
  );
  const lines = (text: string, part: string): number => text.split('\n').findIndex((each) => each.includes(part)) + 1;
  assert.ok(mistakes.some(({ file, line }) => file === 'a.yaml' && line === lines(first, 'alow:')));
  assert.deepEqual(
    mistakes.map(({ file }) => file),
    mistakes.map(({ file }) => file).sort(),
  );
  assert.ok(mistakes.some(({ file, line }) => file === 'b.yaml' && line === lines(`\n\n${wrongKyverno}`, 'rulse:')));
});

test('two policies of one name are a mistake, since verdicts name them by it', async () => {
  const texts = [{ file: 'a.yaml', text: `${own.replace('sources\n', 'no-latest\n')}---\n${kyverno}` }];
  const { mistakes } = await compileTexts(texts, settings);
  assert.deepEqual(
    mistakes.map(({ sentence }) => sentence),
    ['"no-latest" is the name of policies of two kinds; verdicts name them by it, so rename one'],
  );
});

test('what is no document of a cluster is a mistake with its place', async () => {
  const { mistakes } = await compileTexts([{ file: 'a.yaml', text: `${own}---\na: [1\n---\nb: 2\n` }], settings);
  assert.deepEqual(
    mistakes.map(({ line }) => line > 8),
    [true, true],
  );
});

test('keys in files are read where there are files, and are a mistake with its place where there are none', async () => {
  const signed = own.replace(
    "  sources:\n    allow: ['ghcr.io/org/**']\n",
    '  signers: [{name: release, keys: [{file: release.pub}]}]\n  signatures: [{signers: [release]}]\n',
  );
  const texts = [{ file: '/policies/a.yaml', text: signed }];
  const { mistakes } = await compileTexts(texts, settings);
  assert.match(
    mistakes.map(({ line, sentence }) => `${line} ${sentence}`).join(),
    /^6 names \/policies\/release\.pub, which cannot be read here/,
  );
  const asked: string[] = [];
  const keyFile = (path: string): Promise<string> => Promise.resolve((asked.push(path), 'key'));
  const { policies } = await compileTexts(texts, { ...settings, keyFile });
  assert.deepEqual([policies.length, asked], [1, ['/policies/release.pub']]);
});

const sigstore = `apiVersion: policy.sigstore.dev/v1beta1
kind: ClusterImagePolicy
metadata: {name: never}
spec:
  images: [{glob: 'ghcr.io/org/**'}]
  authorities: [{static: {action: fail, message: not these}}]
`;
const cel = `apiVersion: policies.kyverno.io/v1
kind: ImageValidatingPolicy
metadata: {name: in-cel}
spec:
  matchConstraints:
    resourceRules: [{apiGroups: [''], apiVersions: [v1], operations: [CREATE], resources: [pods]}]
  matchImageReferences: [{glob: 'ghcr.io/*'}]
  attestors:
    - name: release
      cosign: {key: {kms: 'awskms:///alias/release'}}
  validations:
    - expression: images.containers.map(image, verifyImageSignatures(image, [attestors.release])).all(e, e > 0)
      message: not signed
`;

test('all dialects stand beside each other', async () => {
  const text = [own, kyverno, sigstore, cel].join('---\n');
  const { policies, mistakes, others } = await compileTexts([{ file: 'all.yaml', text }], settings);
  assert.deepEqual([mistakes, others], [[], []]);
  assert.deepEqual(policies.map(({ dialect }) => dialect).sort(), [
    'kyverno',
    'kyverno-cel',
    'policy-controller',
    'seaworthy',
  ]);
});

test('a version that nobody knows is a mistake, and no policy that is passed over', async () => {
  for (const [known, unknown] of [
    ['policies.kyverno.io/v1', 'policies.kyverno.io/v2'],
    ['kyverno.io/v1\n', 'kyverno.io/v9\n'],
    ['seaworthy.dev/v1', 'seaworthy.dev/v7'],
  ] as const) {
    const text = [own, kyverno, cel].find((each) => each.startsWith(`apiVersion: ${known}`)) ?? '';
    const { policies, mistakes } = await compileTexts(
      [{ file: 'a.yaml', text: text.replace(known, unknown) }],
      settings,
    );
    assert.deepEqual([policies.length, mistakes.map(({ path }) => path)], [0, ['apiVersion']], unknown);
  }
});

const given = (name: string) => ({ state: 'known', value: { 'policy.sigstore.dev/include': name }, at: 0 }) as const;

for (const [noMatch, optIn, label, allowed, warnings] of [
  ['deny', false, 'false', false, 0],
  ['warn', false, 'false', true, 1],
  ['allow', false, 'false', true, 0],
  [undefined, false, 'false', true, 0],
  ['deny', true, 'true', false, 0],
  ['warn', true, 'true', true, 1],
  // What is in a namespace that has not opted in is nothing to policy-controller, whose webhook is not even asked.
  ['deny', true, 'false', true, 0],
  [undefined, true, 'true', true, 0],
] as const) {
  const where = optIn ? `a namespace with include: "${label}", where these opt in` : 'any namespace';
  const action = noMatch === undefined ? 'no word about unmatched images' : `unmatched images: ${noMatch}`;
  test(`without any ClusterImagePolicy, ${action} in ${where} is ${allowed ? 'let pass' : 'denied'}`, async () => {
    const policyController = { optIn, ...(noMatch === undefined ? {} : { noMatch }) };
    for (const texts of [[], [{ file: 'a.yaml', text: own.replace('ghcr.io/org/**', '**') }]]) {
      const { policies, mistakes } = await compileTexts(texts, { ...settings, policyController });
      assert.deepEqual(mistakes, []);
      const subject = podOf(['ghcr.io/org/app:1'], { namespaceLabels: given(label) });
      const { verdict } = judgeTestObject(policies, subject);
      assert.deepEqual([verdict.allowed, verdict.warnings.length], [allowed, warnings], verdict.message);
      if (!allowed) assert.match(verdict.message, /no matching policies: ghcr\.io\/org\/app:1/);
      const own = policies.find(({ id }) => id === 'no-match-policy');
      assert.equal(own !== undefined, noMatch === 'deny' || noMatch === 'warn');
      assert.deepEqual(own?.namespaceSelector, optIn && own !== undefined ? optedInNamespaces : undefined);
    }
  });
}

test('images that no ClusterImagePolicy is about are denied where labels of their namespace are not known', async () => {
  const policyController = { optIn: true, noMatch: 'deny' } as const;
  const { policies } = await compileTexts([], { ...settings, policyController });
  const subject = podOf(['ghcr.io/org/app:1'], { namespaceLabels: { state: 'unavailable', reason: 'down' } });
  assert.equal(judgeTestObject(policies, subject).verdict.allowed, false);
});

test('a ClusterImagePolicy that is wrong is told, and matches no image', async () => {
  const text = sigstore.replace('authorities', 'authorites');
  const policyController = { noMatch: 'deny' } as const;
  const { policies, mistakes } = await compileTexts([{ file: 'a.yaml', text }], { ...settings, policyController });
  assert.ok(mistakes.length > 0);
  assert.equal(judgeTestObject(policies, podOf(['ghcr.io/org/app:1'])).verdict.allowed, false);
});

const indent = (text: string): string => text.replaceAll(/^(?=.)/gm, '    ').replace(/^ {4}/, '  - ');
const listed = `# as kubectl writes them\napiVersion: v1\nitems:\n${indent(kyverno)}${indent(own)}kind: List\nmetadata: {resourceVersion: ''}\n`;

test('policies in a list are judged by like others, and their mistakes have their places', async () => {
  const { policies, mistakes } = await compileTexts([{ file: 'list.yaml', text: listed }], settings);
  assert.deepEqual(mistakes, []);
  assert.deepEqual(policies.map(({ id }) => id).sort(), ['no-latest', 'sources']);
  const wrong = listed.replace('pattern:', 'patern:').replace('allow:', 'alow:');
  const lines = wrong.split('\n');
  const place = (word: string): string => {
    const line = lines.findIndex((each) => each.includes(word));
    return `${line + 1}:${(lines[line] ?? '').indexOf(word) + 1}`;
  };
  const told = (await compileTexts([{ file: 'list.yaml', text: wrong }], settings)).mistakes;
  assert.deepEqual(
    told.filter(({ path }) => /pat|alow/.test(path)).map(({ line, column }) => `${line}:${column}`),
    [place('patern'), place('alow')],
  );
});

test('a list in JSON or of a kind of its own is one too, and an object in it that is no policy is told', async () => {
  const { kubernetesValue } = await import('../../codec/yaml/kubernetes-value.ts');
  const { parseYamlDocuments } = await import('../../codec/yaml/tree.ts');
  const items = (await parseYamlDocuments(kyverno)).documents.map(kubernetesValue);
  const other = { apiVersion: 'v1', kind: 'ConfigMap' };
  for (const kind of ['List', 'ClusterPolicyList']) {
    const text = JSON.stringify({ apiVersion: 'v1', kind, items: [...items, other] }, undefined, 2);
    const { policies, mistakes, others } = await compileTexts([{ file: 'a.json', text }], settings);
    assert.deepEqual([mistakes, policies.map(({ id }) => id), others[0]?.kind], [[], ['no-latest'], 'ConfigMap']);
  }
});

test('a list that cannot be read is a mistake, and nothing in it is passed over', async () => {
  const { policies, mistakes } = await compileTexts([{ file: 'a.yaml', text: `${listed}kind: List\n` }], settings);
  assert.deepEqual(policies, []);
  assert.equal(mistakes.length, 1, JSON.stringify(mistakes));
});

test('a text of comments alone is a mistake, and a list of none is none', async () => {
  for (const text of ['# none\n', '---\n# none\n---\n', '~']) {
    const { mistakes } = await compileTexts([{ file: 'a.yaml', text }], settings);
    assert.match(mistakes[0]?.sentence ?? '', /^has nothing in it but comments; write a policy into it/, text);
  }
  const text = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [] });
  assert.deepEqual((await compileTexts([{ file: 'a.yaml', text }], settings)).mistakes, []);
});

test('time grows with the text alone, however many documents or items it has', async () => {
  const many = 4000;
  const document = '---\napiVersion: v1\nkind: Secret\n';
  const started = performance.now();
  const { others } = await compileTexts([{ file: 'a.yaml', text: document.repeat(many) }], settings);
  assert.equal(others.length, many);
  assert.equal(others.at(-1)?.line, 3 * many - 1);
  const item = '- apiVersion: v1\n  kind: Secret\n';
  const list = `apiVersion: v1\nkind: List\nitems:\n${item.repeat(many)}`;
  assert.equal((await compileTexts([{ file: 'a.yaml', text: list }], settings)).others.at(-1)?.line, 2 * many + 2);
  // With the lines before each of them, this would be many gigabytes.
  const held = await splitDocuments({ file: 'a.yaml', text: document.repeat(many) }, 64);
  assert.ok(held.reduce((size, { text }) => size + text.length, 0) <= document.length * many);
  assert.ok(performance.now() - started < 60_000);
});

test('an empty text is a mistake', async () => {
  const { mistakes } = await compileTexts([{ file: 'a.yaml', text: ' \n' }], settings);
  assert.match(mistakes[0]?.sentence ?? '', /^is empty; write a policy into it/);
});

const older = `apiVersion: seaworthy.dev/v1alpha1
kind: Policy
spec:
  signers: [{name: release, keys: [{pem: key}]}]
  rules:
    - {name: signed, match: {exceptRepositories: ['tools/**']}, signatures: {signers: [release]}}
    - {name: pushed, match: {gates: [push]}, source: {allow: [registry.example.com/**]}}
`;
const olderExceptions = `apiVersion: seaworthy.dev/v1alpha1
kind: Policy
spec:
  exceptions:
    - {name: legacy, owner: team, reason: it goes soon, until: 2027-01-01, rules: [signed], sources: [ghcr.io/org/legacy]}
`;

test('documents of the older form are one policy, which counts in a cluster as at every other gate', async () => {
  const texts = [
    { file: 'gates/Exceptions.yaml', text: olderExceptions },
    { file: 'gates/rules.yaml', text: older.replace('pem: key', 'file: k') },
    { file: 'gates/own.yaml', text: own.replace('name: sources', 'name: rules') },
  ];
  const keyFile = (): Promise<string> => Promise.resolve('key');
  const { policies, mistakes } = await compileTexts(texts, { ...settings, keyFile });
  assert.deepEqual(mistakes, []);
  assert.deepEqual(
    policies.map(({ id, rules, admission, background }) => [id, rules.map(({ name }) => name), admission, background]),
    [
      ['rules', ['sources'], true, true],
      ['rules-2', ['signed'], true, true],
    ],
  );
  const [, together] = policies;
  assert.ok(together !== undefined);
  const now = Date.UTC(2026, 11, 1);
  for (const [image, signedBy, at, allowed] of [
    ['ghcr.io/org/app:1', ['release'], now, true],
    ['ghcr.io/org/app:1', [], now, false],
    ['ghcr.io/tools/app:1', [], now, true],
    ['ghcr.io/org/legacy:1', [], now, true],
    ['ghcr.io/org/legacy:1', [], Date.UTC(2027, 1, 1), false],
  ] as const) {
    const { verdict } = judgeTestObject([together], podOf([image]), { images: { [image]: { signedBy } }, now: at });
    assert.equal(verdict.allowed, allowed, `${image} ${String(signedBy)} ${at}`);
  }
});

test('documents of the older form without a rule are no policy', async () => {
  const { policies, mistakes } = await compileTexts(
    [{ file: 'a.yaml', text: olderExceptions.replace('rules: [signed]', 'ids: [CVE-2021-44228]') }],
    settings,
  );
  assert.deepEqual([policies, mistakes], [[], []]);
});
