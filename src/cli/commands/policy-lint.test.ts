import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { documentOf } from '../../../testing/policy/policy-text.ts';
import { testHost } from '../../../testing/test-host.ts';
import { addPolicyCommands } from '../program/policies.ts';
import { buildProgram } from '../program/build-program.ts';

const pem = `-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE6a0EuKaz4pByVTL+NxdErF39zuPU
dys84vAFZlsgy3pEv4ZDui1bIQVAoqETbLdIm5udIQjezl//uCVwTn1//Q==
-----END PUBLIC KEY-----
`;

async function lint(
  t: TestContext,
  files: Readonly<Record<string, string>>,
  ...args: readonly string[]
): Promise<{ readonly status: number | undefined; readonly stdout: string; readonly stderr: string }> {
  const cwd = mkdtempSync(join(tmpdir(), 'policy-'));
  t.after(() => rmSync(cwd, { recursive: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(cwd, name)), { recursive: true });
    writeFileSync(join(cwd, name), text);
  }
  const said: Record<'stdout' | 'stderr', string> = { stdout: '', stderr: '' };
  const output = (to: keyof typeof said) => ({
    isTerminal: false,
    columns: undefined,
    write: (text: string) => Promise.resolve(void (said[to] += text.replaceAll(cwd, ''))),
  });
  const host = testHost({ cwd, home: join(cwd, 'home'), stdout: output('stdout'), stderr: output('stderr') });
  let status: number | undefined;
  const program = buildProgram(host, (ended) => (status = ended), [addPolicyCommands]);
  await program.parseAsync(['policy', 'lint', ...args], { from: 'user' });
  return { status, ...said };
}

const signer = documentOf('signers:\n  - name: release\n    keys:\n      - file: release.pub');
const rule = documentOf('rules:\n  - name: signed\n    signatures: {signers: [release]}');

test('policy lint finds nothing wrong, and counts', async (t) => {
  const exceptions = documentOf(
    'exceptions: [{name: old, owner: team-a, reason: r, until: 2000-01-01, rules: [signed]}]',
  );
  const files = { 'a.yaml': rule, 'b.yaml': `${signer}---\n${exceptions}`, 'release.pub': pem };
  const { status, stdout, stderr } = await lint(t, files, 'a.yaml', 'b.yaml');
  assert.equal(stderr, '');
  assert.equal(status, 0);
  assert.match(
    stdout,
    /^The policy is good: 1 rule, 1 signer, 1 exception\nIts hash is [0-9a-f]{64}\n\/b\.yaml:\d+:\d+: note: spec\.exceptions\[0\]\.until has ended; remove the exception, or give it another end \[exception-long\]\n$/,
  );
  assert.equal((await lint(t, files, '--quiet', 'a.yaml', 'b.yaml')).stdout.split('\n').length, 2);
});

const wrong: readonly (readonly [what: string, files: Readonly<Record<string, string>>, stderr: RegExp])[] = [
  ['no file', {}, /^\/a\.yaml is not there; name files, folders, or - for standard input\n$/],
  [
    'mistakes',
    { 'a.yaml': documentOf('rulse: []') },
    /^\/a\.yaml:4:3: spec\.rulse: is no setting; did you mean rules\?\n$/,
  ],
  [
    'a signer that there is not',
    { 'a.yaml': rule },
    /^\/a\.yaml:6:\d+: spec\.rules\[0\]\.signatures\.signers\[0\]: is "release"/,
  ],
  [
    'a key that is not there',
    { 'a.yaml': signer },
    /^\/a\.yaml:7:11: spec\.signers\[0\]\.keys\[0\]\.file: names \/release\.pub, which is not there\n$/,
  ],
  [
    'a key that is none',
    { 'a.yaml': signer, 'release.pub': 'x' },
    /which is no key that can be used: This holds no key/,
  ],
  [
    'a file that is empty',
    { 'a.yaml': '' },
    /^\/a\.yaml: The file is empty; write a policy into it, or leave it out\n$/,
  ],
  [
    'a file of comments alone',
    { 'a.yaml': '# spec:\n---\n# rules: []\n' },
    /^\/a\.yaml:1:1: has nothing in it but comments; write a policy into it, or leave it out\n$/,
  ],
  [
    'a file that is too large',
    { 'a.yaml': '#'.repeat(2_000_000) },
    /^\/a\.yaml: The file has more than 1048576 bytes\n$/,
  ],
];

for (const [what, files, expected] of wrong) {
  test(`policy lint ends with 2 for ${what}`, async (t) => {
    const { status, stdout, stderr } = await lint(t, files, 'a.yaml');
    assert.match(stderr, expected);
    assert.deepEqual([status, stdout], [2, '']);
  });
}

test('policy lint tells the mistakes of all that it was given: files, folders, the folders in these, standard input', async (t) => {
  const bad = documentOf('rulse: []');
  const files = { 'a.yaml': bad, 'f/b.yaml': bad, 'f/deep/er/c.json': '{}', 'f/.git/d.yaml': bad, 'g/e.yaml': bad };
  const { status, stderr } = await lint(t, files, 'none.yaml', 'f', 'a.yaml', 'f/b.yaml', '-');
  assert.equal(status, 2);
  assert.match(stderr, /^\/none\.yaml is not there.*\nStandard input is empty.*\n$/);
  const told = (await lint(t, files, 'f', 'a.yaml', 'f/b.yaml')).stderr;
  assert.deepEqual(
    told.split('\n').map((line) => line.split(':')[0]),
    ['/f/b.yaml', '/a.yaml', '/f/deep/er/c.json', ''],
  );
});

test('policy lint reads the files of a folder, and no others in it', async (t) => {
  const files = { 'a.yaml': documentOf('rules: []'), 'b.yml': documentOf('rulse: []'), '.c.yaml': 'x', 'd.md': 'x' };
  assert.match(
    (await lint(t, files, '.')).stderr,
    /^\/b\.yml:4:3: spec\.rulse: is no setting; did you mean rules\?\n$/,
  );
});

test('policy lint says of a folder that it has no policies, and says of a policy without rules that all passes', async (t) => {
  assert.match(
    (await lint(t, {}, '.')).stderr,
    / has no files of YAML or JSON in it; name another folder, or files\n$/,
  );
  const { status, stdout } = await lint(t, { 'a.yaml': documentOf('rules: []') }, 'a.yaml');
  assert.match(stdout, /^The policy is good: 0 rules.*\nIts hash.*\nIt has no rule, so that every image passes\n$/);
  assert.equal(status, 0);
});

const kyverno = `apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: {name: k}
spec:
  validationFailureAction: Enforce
  rules:
    - name: r
      match: {any: [{resources: {kinds: [Pod]}}]}
      verifyImages:
        - imageReferences: ["ghcr.io/org/app:*"]
          skipImageReferences: ["ghcr.io/org/app:debug*"]
          attestors: [{entries: [{keyless: {issuer: "https://i.example", subjectRegExp: "https://g.example/.*", rekor: {url: "https://rekor.sigstore.dev"}}}]}]
`;

test('policy lint tells what policies of all kinds say and hardly mean, each place once', async (t) => {
  const files = { 'a.yaml': `${documentOf('rules: []')}---\n${kyverno}` };
  const { status, stdout, stderr } = await lint(t, files, 'a.yaml');
  assert.equal(stderr, '');
  assert.equal(status, 1);
  const found = stdout
    .split('\n')
    .flatMap((line) => /^\/a\.yaml:(\d+):\d+: (\w+): .*\[(.*)\]$/.exec(line)?.slice(1) ?? []);
  assert.deepEqual(found, [
    '15',
    'error',
    'image-digest-missed',
    '16',
    'note',
    'skips-enforced',
    '17',
    'warning',
    'regexp-host-dot',
    '17',
    'error',
    'regexp-unanchored',
  ]);
  assert.match(stdout, /^The policy is good: 0 rules[^]*\nAbout objects: 1 policy, 3 rules\n/);
  assert.equal((await lint(t, files, '--fail-level', 'none', 'a.yaml')).status, 0);
});

test('policy lint counts what is as bad as was said', async (t) => {
  const files = { 'a.yaml': kyverno.replace('app:*"]', 'app*"]').replace(/subjectRegExp: "[^"]*"/, 'subject: a') };
  assert.equal((await lint(t, files, 'a.yaml')).status, 0);
  assert.equal((await lint(t, files, '--fail-level', 'warning', 'a.yaml')).status, 1);
});

test('policy lint writes JSON and SARIF', async (t) => {
  const files = { 'a.yaml': kyverno };
  const json = JSON.parse((await lint(t, files, '--format', 'json', 'a.yaml')).stdout) as {
    findings: { id: string }[];
  };
  const sarif = JSON.parse((await lint(t, files, '-f', 'sarif', 'a.yaml')).stdout) as {
    runs: {
      tool: { driver: { rules: { id: string }[] } };
      results: { ruleId: string; ruleIndex: number; locations: object[] }[];
    }[];
  };
  const [run] = sarif.runs;
  assert.ok(run !== undefined);
  assert.deepEqual(
    run.results.map(({ ruleId }) => ruleId),
    json.findings.map(({ id }) => id),
  );
  for (const { ruleId, ruleIndex } of run.results) assert.equal(run.tool.driver.rules[ruleIndex]?.id, ruleId);
  assert.deepEqual(run.results[0]?.locations[0], {
    physicalLocation: { artifactLocation: { uri: 'a.yaml' }, region: { startLine: 10, startColumn: 30 } },
  });
});

test('policy lint tells of documents that nobody looked at', async (t) => {
  const { status, stderr } = await lint(t, { 'a.yaml': 'apiVersion: v1\nkind: ConfigMap\n' }, 'a.yaml');
  assert.equal(status, 0);
  assert.match(
    stderr,
    /^\/a\.yaml:1: ConfigMap of v1 is no policy that is known here, so that its mistakes are not told\n$/,
  );
});
