import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import test, { describe } from 'node:test';
import { temporaryDirectory } from '../../../testing/image/temporary-directory.ts';
import { runRegistryCommand as run } from '../../../testing/registry/run-command.ts';

describe('wrong input is one error with status 2, and makes nothing', () => {
  const cases: readonly (readonly [code: string, ...args: readonly string[]])[] = [
    ['STORE_ABSENT', 'scrub'],
    ['STORE_ABSENT', 'gc'],
    ['STORE_ABSENT', 'audit'],
    ['STORE_ABSENT', 'audit', 'verify'],
    ['STORE_ABSENT', 'retention', 'preview'],
    ['STORE_ABSENT', 'backup', 'backup'],
    ['STORE_ABSENT', 'robot', 'list'],
    ['STORE_ABSENT', 'robot', 'rotate', 'ci'],
    ['STORE_ABSENT', 'robot', 'revoke', 'ci'],
    ['BACKUP_ABSENT', 'restore', 'none'],
    ['BACKUP_ABSENT', 'verify-backup', 'none'],
    ['IMPORT_UNKNOWN', 'import', 'none'],
    ['COMMAND_LINE_INVALID', 'scrub', '--format', 'yaml'],
    ['SETTING_INVALID', 'scrub', '--rate', '0'],
    ['SETTING_INVALID', 'scrub', '--after', 'sha256:1'],
    ['COMMAND_LINE_INVALID', 'audit', '--format', 'xml'],
    ['SETTING_INVALID', 'retention', 'import', 'none', '--from', 'ecr'],
    ['SETTING_INVALID', 'retention', 'import', 'none', '--from', 'quay'],
    ['SETTING_INVALID', 'retention', 'import', 'none', '--from', 'harbor'],
    ['COMMAND_LINE_INVALID', 'backup'],
    ['COMMAND_LINE_INVALID', 'sync', 'localhost:1'],
    ['SETTINGS_FILE_UNREADABLE', 'scrub', '--config', 'none.yaml'],
  ];
  for (const [code, ...args] of cases) {
    test(`registry ${args.join(' ')}: ${code}`, async () => {
      using folder = temporaryDirectory();
      const { status, stdout, stderr } = await run(folder, args);
      assert.match(stderr, new RegExp(`^error ${code}: \\P{Cc}+\\n$`, 'u'));
      assert.deepEqual([status, stdout, readdirSync(folder.path)], [2, '', []]);
    });
  }
});

test('only what serves or checks wants the secrets and keys of serving', async () => {
  using folder = temporaryDirectory();
  folder.write(
    'seaworthy.yaml',
    `registry:
  data: data
  tls: {cert: none.crt, key: none.key}
  auth: {htpasswd: none, robots: true}
  scanning: {enabled: true, key: none.key, keyPassword: "env:REPORT_KEY"}
  gate: {policies: [none.yaml]}
  upstreams: {registries: [{host: docker.io, username: u, password: "env:HUB"}]}
  webhooks: [{name: a, url: "https://example.org/", events: [gc.ran], secret: "env:HOOK"}]
`,
  );
  const made = await run(folder, ['robot', 'create', 'ci', '--grant', '**:pull']);
  assert.equal(made.status, 0, made.stderr);
  for (const args of [['audit'], ['audit', 'verify'], ['gc'], ['robot', 'list'], ['retention', 'preview']]) {
    const { status, stderr } = await run(folder, args);
    assert.equal(status, 0, `${args.join(' ')}: ${stderr}`);
  }
  for (const command of ['check-config', 'serve']) {
    const { status, stderr } = await run(folder, [command]);
    assert.equal(status, 2, command);
    for (const name of ['tls.cert', 'htpasswd', 'scanning.key', 'REPORT_KEY', 'policies', 'HUB', 'HOOK']) {
      assert.ok(stderr.includes(name), `${command} does not tell of ${name}:\n${stderr}`);
    }
  }
  // What a command does need is wanted of it.
  folder.write('seaworthy.yaml', 'registry: {data: data, database: {postgres: {url: "env:DB"}}}\n');
  assert.match((await run(folder, ['audit'])).stderr, /names the variable DB, which is not set/);
});

test('registry check-config warns where rules can never be told, and ends with 0', async () => {
  using folder = temporaryDirectory();
  const policy = (rule: string): string =>
    `apiVersion: seaworthy.dev/v1alpha1\nkind: Policy\nspec: {rules: [{name: flaws, ${rule}}]}\n`;
  const check = async (rule: string, scanning: boolean): Promise<string> => {
    folder.write('policy.yaml', policy(rule));
    const text = `registry:\n  scanning: {enabled: ${scanning}}\n  gate: {policies: [policy.yaml]}\n`;
    folder.write('seaworthy.yaml', text);
    const { status, stdout, stderr } = await run(folder, ['check-config']);
    assert.deepEqual([status, stdout], [0, `${join(folder.path, 'seaworthy.yaml')} is good\n`], stderr);
    return stderr;
  };
  const flaws = 'vulnerabilities: {severity: HIGH}';
  const warned = await check(flaws, false);
  assert.match(
    warned,
    /^warning: \S+seaworthy\.yaml:3:10: registry\.gate\.policies: asks what scans tell \(flaws\), .+ 503; /,
  );
  assert.match(await check('endOfLife: {}', false), /^warning: /);
  assert.equal(await check(flaws, true), '');
  for (const other of [
    `unknown: allow, ${flaws}`,
    `action: warn, ${flaws}`,
    `match: {gates: [ci]}, ${flaws}`,
    'config: {nonRoot: true}',
  ]) {
    assert.equal(await check(other, false), '', other);
  }
});

const ecrPolicy = {
  rules: [
    {
      rulePriority: 1,
      selection: { tagStatus: 'untagged', countType: 'sinceImagePushed', countUnit: 'days', countNumber: 7 },
      action: { type: 'expire' },
    },
  ],
};

test('registry retention import writes settings, and ends with 21 where something is lost', async () => {
  using folder = temporaryDirectory();
  const args = ['retention', 'import', '-', '--from', 'ecr', '--repository', 'team/**'];
  const whole = await run(folder, args, JSON.stringify(ecrPolicy));
  assert.deepEqual(whole, {
    status: 0,
    stdout: `registry:
  retention:
    rules:
      - name: ECR rule 1 untagged
        kind: delete-untagged
        repositories:
          - team/**
        olderThan: 7d
`,
    stderr: '',
  });
  const [rule] = ecrPolicy.rules;
  const counted = { ...rule, selection: { tagStatus: 'untagged', countType: 'imageCountMoreThan', countNumber: 7 } };
  const lost = await run(folder, args, JSON.stringify({ rules: [counted] }));
  assert.equal(lost.status, 21);
  assert.match(lost.stdout, /^# lost: \$\.rules\[0\] .*\n# No rule could be written\.\n$/);
  assert.match(lost.stderr, /^lost: \$\.rules\[0\] removes no untagged images here/);
  const odd = await run(folder, [...args, '--repository', 'UPPER'], JSON.stringify(ecrPolicy));
  assert.equal(odd.status, 21);
  assert.ok(odd.stderr.startsWith('lost: registry.retention.rules[0].repositories'));
});
