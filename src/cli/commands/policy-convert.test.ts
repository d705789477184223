import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { plainHost } from '../../../testing/plain-host.ts';
import { yamlLimits } from '../../codec/yaml/limits.ts';
import { buildProgram } from '../program/build-program.ts';
import { addPolicyCommands } from '../program/policies.ts';

interface Said {
  readonly status: number | undefined;
  readonly out: string;
  readonly err: string;
  readonly folder: string;
}

async function run(
  t: TestContext,
  files: Readonly<Record<string, string>>,
  args: readonly string[],
  stdin = '',
): Promise<Said> {
  const folder = mkdtempSync(join(tmpdir(), 'seaworthy-test-policy-'));
  t.after(() => rmSync(folder, { recursive: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  const { host, out, err } = plainHost(folder, { stdin });
  let status: number | undefined;
  const program = buildProgram(host, (ended) => (status = ended), [addPolicyCommands]);
  await program.parseAsync(['policy', 'convert', ...args], { from: 'user' });
  return { status, out: out().replaceAll(folder, ''), err: err().replaceAll(folder, ''), folder };
}

const signed = (name: string, more = ''): string => `# ours since spring
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata:
  name: ${name}
  annotations: {policies.kyverno.io/title: Signed images}
spec:
  validationFailureAction: Enforce
  rules:
    - name: release
      match: {any: [{resources: {kinds: [Pod]}}]}
${more}      verifyImages:
        - imageReferences: ['ghcr.io/org/*']
          attestors: [{entries: [{keys: {kms: 'awskms:///alias/release'}}]}]
`;
const selecting = signed('selecting').replace('{kinds: [Pod]}', '{kinds: [Pod], selector: {matchLabels: {a: b}}}');
const older = `apiVersion: seaworthy.dev/v1alpha1
kind: Policy
spec:
  signers: [{name: release, keys: [{file: keys/release.pub}]}]
  rules: [{name: signed, signatures: {signers: [release]}}]
`;

test('policy convert writes policies of all forms, with what was said for people', async (t) => {
  const { status, out, err } = await run(t, { 'a.yaml': signed('a'), 'b/older.yaml': older, 'b/notes.txt': 'x' }, [
    'a.yaml',
    'b',
  ]);
  assert.match(out, /^# ours since spring\n# From ClusterPolicy a \(a\.yaml\)\.\napiVersion: seaworthy\.dev\/v1\n/);
  assert.match(out, /annotations:\n    policies\.kyverno\.io\/title: Signed images\n/);
  assert.match(out, /---\n# From Policy \(older\.yaml\)\.\n[^]*file: b\/keys\/release\.pub\n/);
  assert.match(err, /note: is told as POLICY\/RULE[^]*Converted 2 of 2 documents wholly, into 2 policies\n$/);
  assert.equal(status, 0);
  const quiet = await run(t, { 'a.yaml': signed('a') }, ['--quiet', 'a.yaml']);
  assert.equal(quiet.err, '');
});

test('policy convert tells what cannot be said by file, line and reason, and ends with 42', async (t) => {
  const files = { 'all.yaml': `${signed('a')}---\n${selecting}` };
  const { status, out, err } = await run(t, files, ['all.yaml']);
  assert.equal(status, 42);
  assert.match(out, /name: a\n/);
  assert.doesNotMatch(out, /selecting/);
  assert.match(
    err,
    /^\/all\.yaml:26:\d+: spec\.rules\[0\]\.match\.any\[0\]\.resources\.selector: cannot be said: is about what users write/,
  );
  assert.match(err, /Converted 1 of 2 documents wholly, into 1 policy\nCould write 1 in part, with --partial\n$/);
  const partial = await run(t, files, ['--partial', 'all.yaml']);
  assert.equal(partial.status, 42);
  assert.match(
    partial.out,
    /# From ClusterPolicy selecting \(all\.yaml\)\.\n# NOT ALL OF IT IS SAID HERE\. What is missing:\n# - line 26: spec\.rules\[0\]\.match[^]*name: selecting\n/,
  );
  assert.match(partial.err, /Wrote 1 in part\n$/);
});

test('policy convert reads standard input, and writes JSON', async (t) => {
  const { status, out } = await run(t, {}, ['-f', 'json', '-'], signed('a'));
  assert.equal(status, 0);
  assert.equal((JSON.parse(out) as { kind: string }).kind, 'ImagePolicy');
  const lines = await run(t, {}, ['-f', 'json', '-'], `${signed('a')}---\n${signed('b')}`);
  const names = lines.out
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { metadata: { name: string } }).metadata.name);
  assert.deepEqual(names, ['a', 'b']);
});

test('policy convert writes a file for each policy, and over none that is there', async (t) => {
  const files = { 'all.yaml': `${signed('a')}---\n${signed('b')}`, 'older.yaml': older, 'out/b.yaml': 'mine' };
  const refused = await run(t, files, ['--output-dir', 'out', 'all.yaml']);
  assert.match(
    refused.err,
    /error SETTING_INVALID: b\.yaml is in out already; name another folder, or add --overwrite/,
  );
  assert.deepEqual([refused.status, readdirSync(join(refused.folder, 'out'))], [2, ['b.yaml']]);
  const { status, out, folder } = await run(t, files, ['--output-dir', 'out', '--overwrite', 'all.yaml', 'older.yaml']);
  assert.deepEqual([status, out], [0, '']);
  assert.deepEqual(readdirSync(join(folder, 'out')).sort(), ['a.yaml', 'b.yaml', 'older.yaml']);
  assert.match(readFileSync(join(folder, 'out', 'b.yaml'), 'utf8'), /name: b\n/);
});

test('names of one policy that others have are told apart', async (t) => {
  const { out } = await run(t, { 'a.yaml': signed('a'), 'b.yaml': signed('a') }, ['a.yaml', 'b.yaml']);
  assert.deepEqual(
    [...out.matchAll(/^  name: (.+)$/gm)].map(([, name]) => name),
    ['a', 'a-2'],
  );
});

const wrong: readonly (readonly [
  what: string,
  files: Readonly<Record<string, string>>,
  args: readonly string[],
  err: RegExp,
])[] = [
  ['a file that is not there', {}, ['none.yaml'], /none\.yaml is not there; name files, folders, or -/],
  [
    'a folder without policies',
    { 'f/a.txt': 'x' },
    ['f'],
    /^\/f has no files of YAML or JSON in it; name another folder, or files\n$/,
  ],
  ['nothing on standard input', {}, ['-'], /^Standard input is empty; write a policy to it, or name files\n$/],
  [
    'a mistake in a policy',
    { 'a.yaml': signed('a').replace('rules:', 'rulse:') },
    ['a.yaml'],
    /a\.yaml:9:3: spec\.rulse: is no setting/,
  ],
  ['no YAML', { 'a.yaml': 'a: [1' }, ['a.yaml'], /a\.yaml:\d+:\d+: This is not YAML/],
  ['what says not what it is', { 'a.yaml': 'a: 1' }, ['a.yaml'], /has no apiVersion and kind/],
  [
    'aliases',
    { 'a.yaml': signed('a').replace('[Pod]', '&x [Pod]').replace('kms:', 'kms: *x, z:') },
    ['a.yaml'],
    /Aliases are not taken/,
  ],
  [
    'too much',
    { 'a.yaml': `#${'x'.repeat(yamlLimits.characters)}` },
    ['a.yaml'],
    /a\.yaml: The file has more than 1048576 bytes/,
  ],
  [
    'what is too deep',
    { 'a.yaml': `apiVersion: kyverno.io/v1\nkind: ClusterPolicy\nspec: ${'['.repeat(200)}${']'.repeat(200)}` },
    ['a.yaml'],
    /a\.yaml:\d+:\d+: This is not YAML/,
  ],
];

for (const [what, files, args, err] of wrong) {
  test(`policy convert ends with 2 for ${what}`, async (t) => {
    const said = await run(t, files, args);
    assert.match(said.err, err);
    assert.deepEqual([said.status, said.out], [2, '']);
  });
}

test('policy convert tells of other documents, and of exceptions that nobody answers for', async (t) => {
  const map = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n';
  const exception =
    'apiVersion: kyverno.io/v2\nkind: PolicyException\nmetadata: {name: e, namespace: kyverno}\nspec: {match: {any: [{resources: {namespaces: [x]}}]}, exceptions: [{policyName: a, ruleNames: [release]}]}\n';
  const { status, err } = await run(t, { 'a.yaml': `${map}---\n${exception}` }, ['a.yaml']);
  assert.match(err, /a\.yaml:1: ConfigMap of v1 is no policy that is converted; it is left out/);
  assert.match(err, /a\.yaml:6:1: kind: cannot be said: is an exception that nobody answers for and that never ends/);
  assert.equal(status, 42);
});

test('policy convert writes exceptions with what the flags say of them, all or none', async (t) => {
  const exception =
    'apiVersion: kyverno.io/v2\nkind: PolicyException\nmetadata: {name: e, namespace: kyverno}\nspec: {match: {any: [{resources: {namespaces: [x]}}]}, exceptions: [{policyName: a, ruleNames: ["*"]}]}\n';
  const files = { 'a.yaml': `${signed('a')}---\n${exception}` };
  const flags = [
    '--exception-owner',
    'me@example.com',
    '--exception-reason',
    'it moves',
    '--exception-until',
    '2027-03-01',
  ];
  const { status, out, err } = await run(t, files, [...flags, 'a.yaml']);
  assert.match(out, /owner: me@example\.com\n +reason: it moves\n +until: '2027-03-01T00:00:00\.000Z'/);
  assert.match(err, /note: counts here wherever it stands/);
  assert.equal(status, 0);
  for (const [args, why] of [
    [flags.slice(0, 4), /add --exception-until as well/],
    [[...flags.slice(0, 5), 'some day'], /--exception-until is "some day"; write a day or a time/],
  ] as const) {
    const said = await run(t, files, [...args, 'a.yaml']);
    assert.match(said.err, why);
    assert.deepEqual([said.status, said.out], [2, '']);
  }
});
