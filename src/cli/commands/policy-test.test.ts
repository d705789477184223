import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { plainHost } from '../../../testing/plain-host.ts';
import { makeSyntheticImage, storeImage } from '../../../testing/registry/synthetic-image.ts';
import { startTestRegistry } from '../../../testing/registry/test-registry.ts';
import { buildProgram } from '../program/build-program.ts';
import { addPolicyCommands } from '../program/policies.ts';

interface Said {
  readonly status: number | undefined;
  readonly out: string;
  readonly err: string;
}

async function run(t: TestContext, files: Readonly<Record<string, string>>, ...args: readonly string[]): Promise<Said> {
  const cwd = mkdtempSync(join(tmpdir(), 'seaworthy-test-policy-'));
  t.after(() => rmSync(cwd, { recursive: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(cwd, name)), { recursive: true });
    writeFileSync(join(cwd, name), text);
  }
  const { host, out, err } = plainHost(cwd);
  let status: number | undefined;
  const program = buildProgram(host, (ended) => (status = ended), [addPolicyCommands]);
  await program.parseAsync(['policy', 'test', ...args], { from: 'user' });
  return { status, out: out().replaceAll(cwd, ''), err: err().replaceAll(cwd, '') };
}

const key = `-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE6a0EuKaz4pByVTL+NxdErF39zuPU
dys84vAFZlsgy3pEv4ZDui1bIQVAoqETbLdIm5udIQjezl//uCVwTn1//Q==
-----END PUBLIC KEY-----
`;

const policy = `apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: {name: tags}
spec:
  validationFailureAction: Audit
  rules:
    - name: no-latest
      match: {any: [{resources: {kinds: [Pod]}}]}
      validate: {message: no latest, pattern: {spec: {containers: [{image: "!*:latest"}]}}}
`;
const pod = (name: string, image: string): string =>
  `{apiVersion: v1, kind: Pod, metadata: {name: ${name}}, spec: {containers: [{name: a, image: "${image}"}]}}\n`;
const objects = `${pod('good', 'a:1')}---\n${pod('bad', 'a:latest')}`;
const suite = (results: string): string => `apiVersion: cli.kyverno.io/v1alpha1
kind: Test
metadata: {name: tags}
policies: [policy.yaml]
resources: [objects.yaml]
results:
${results}`;
const right = `  - {policy: tags, rule: no-latest, resources: [good], kind: Pod, result: pass}
  - {policy: tags, rule: no-latest, resources: [bad], kind: Pod, result: fail}
`;
const wrong = '  - {policy: tags, rule: no-latest, resources: [bad], result: pass}\n';
const folder = (results: string): Record<string, string> => ({
  'a/policy.yaml': policy,
  'a/objects.yaml': objects,
  'a/kyverno-test.yaml': suite(results),
});

test('policy test finds suites in folders and tells what came of each', async (t) => {
  const { status, out, err } = await run(t, folder(right + wrong));
  assert.deepEqual([status, err], [1, '']);
  const lines = out.split('\n').map((line) => line.replace(/ {2,}/g, '|'));
  assert.deepEqual(
    [lines[0], lines[1], ...lines.slice(3, 6), lines.at(-2)],
    [
      'tags (a/kyverno-test.yaml)',
      'ID|POLICY|RULE|RESOURCE|RESULT|REASON',
      '1|tags|no-latest|v1/Pod/default/good|Pass|Ok',
      '2|tags|no-latest|v1/Pod/default/bad|Pass|Ok',
      '3|tags|no-latest|v1/Pod/default/bad|Fail|Want pass, got fail: validation error: no latest. rule no-latest failed at path /spec/containers/0/image/',
      'Test Summary: 2 tests passed and 1 test failed',
    ],
  );
  assert.equal((await run(t, folder(right), 'a')).status, 0);
});

test('--fail-only and --test-case-selector leave tests out, and totals are of those that ran', async (t) => {
  const failing = await run(t, folder(right + wrong), '--fail-only', '--format', 'json');
  const { suites, summary } = JSON.parse(failing.out) as { suites: { results: object[] }[]; summary: object };
  assert.deepEqual([suites[0]?.results.length, summary], [1, { passed: 2, failed: 1, skipped: 0 }]);
  const chosen = await run(t, folder(right + wrong), '-t', 'policy=tags, resource=go*');
  assert.deepEqual([chosen.status, /Summary: 1 test passed/.test(chosen.out)], [0, true]);
  assert.equal((await run(t, folder(right), '-t', 'resource=nobody')).status, 2);
});

test('--format junit is XML in which texts stand for themselves', async (t) => {
  const files = folder('  - {policy: tags, rule: "<&>", resources: [bad], result: pass}\n');
  const { status, out } = await run(t, files, '--format', 'junit');
  assert.equal(status, 1);
  assert.match(
    out,
    /<testcase classname="tags\/&#60;&#38;&#62;" name="v1\/Pod\/default\/bad"><failure message="The pol/,
  );
});

const unreadable: readonly (readonly [what: string, files: Record<string, string>, err: RegExp])[] = [
  ['no suite', { 'a.yaml': 'a: 1' }, /SETTING_INVALID: There is no suite in \./],
  [
    'no policy file',
    { ...folder(right), 'a/kyverno-test.yaml': suite(right).replace('policy.yaml', 'x.yaml') },
    /^\/a\/x\.yaml:1:1: the file is not there\n$/,
  ],
  [
    'a wrong policy',
    { ...folder(right), 'a/policy.yaml': policy.replace('rules:', 'rulse:') },
    /^\/a\/policy\.yaml:6:3: spec\.rulse/m,
  ],
  [
    'an unknown member',
    folder(right.replace('result:', 'reslut:')),
    /^\/a\/kyverno-test\.yaml:7:\d+: results\[0\]\.reslut: is no setting; did you mean result\?/,
  ],
  ['what is elsewhere', { 'seaworthy-test.yaml': 'policies: [https://example.org/a.yaml]' }, /bring it here/],
  ['no result', folder(''.padStart(3)), /takes a list|has no value|No test was run/],
];
for (const [what, files, expected] of unreadable) {
  test(`policy test ends with an error: ${what}`, async (t) => {
    const { status, err } = await run(t, files);
    assert.match(err, expected);
    assert.equal(status, 2);
  });
}

test('policy test reads key files of our own policies', async (t) => {
  const own = `apiVersion: seaworthy.dev/v1
kind: ImagePolicy
metadata: {name: signed}
spec: {signers: [{name: release, keys: [{file: release.pub}]}], signatures: [{name: by, signers: [release]}]}
`;
  const indented = key.trimEnd().replace(/^/gm, '          ');
  const tests = `apiVersion: seaworthy.dev/v1
kind: PolicyTest
policies: [policy.yaml]
resources: [objects.yaml]
images:
  - image: a:1
    signatures:
      - key: |
${indented}
  - {image: 'a:latest', signatures: []}
results:
  - {policy: signed, rule: by, resources: [good], result: pass}
  - {policy: signed, rule: by, resources: [bad], result: fail}
`;
  const files = { 'policy.yaml': own, 'objects.yaml': objects, 'seaworthy-test.yaml': tests };
  const good = await run(t, { ...files, 'release.pub': key });
  assert.deepEqual([good.status, good.err], [0, '']);
  const { status, err } = await run(t, files);
  assert.equal(status, 2);
  assert.match(err, /^\/policy\.yaml:4:\d+: spec\.signers\[0\]\.keys\[0\]\.file: names \/release\.pub, which /);
});

test('--registry looks up images of which a suite says nothing, and those alone', async (t) => {
  await using registry = await startTestRegistry();
  const digest = storeImage(registry.store, 'app', '1', makeSyntheticImage([{ app: 'app' }]));
  const own = `apiVersion: seaworthy.dev/v1
kind: ImagePolicy
metadata: {name: signed}
spec: {signers: [{name: release, keys: [{file: release.pub}], trust: {log: ignored}}], signatures: [{name: by, signers: [release]}]}
`;
  const objectsThere = `${pod('there', `${registry.host}/app:1`)}---\n${pod('given', `${registry.host}/app:2`)}---\n${pod('pinned', `${registry.host}/app@${digest}`)}`;
  const files = {
    'policy.yaml': own,
    'objects.yaml': objectsThere,
    'release.pub': key,
    'seaworthy-test.yaml': `policies: [policy.yaml]
resources: [objects.yaml]
images: [{image: '${registry.host}/app:2', signatures: [{signer: release}]}]
results:
  - {policy: signed, rule: by, resources: [there, pinned], result: fail}
  - {policy: signed, rule: by, resources: [given], result: pass}
`,
  };
  const asked = await run(t, files, '--registry', '--plain-http', registry.host);
  assert.deepEqual([asked.status, asked.err], [0, ''], asked.out);
  const unasked = await run(t, files);
  assert.equal(unasked.status, 1);
  assert.match(unasked.out, /1 test passed and 2 tests failed/);
});
