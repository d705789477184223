import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, readdirSync, symlinkSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { after, describe } from 'node:test';
import { layoutFiles, writeFiles } from '../../testing/image/image-files.ts';
import { assertOneError, launcher, start } from './program.ts';
import { idsIn, openWorkplace, packagesIn, sampleFindings, sampleImage } from './sample.ts';

const place = await openWorkplace();
after(() => place[Symbol.dispose]());
writeFiles(join(place.path, 'image'), layoutFiles([{ content: sampleImage() }]));

const [busybox, musl, lodash] = sampleFindings as readonly [string, string, string];

place.write('old.txt', `# reviewed\n${musl}\n${lodash} exp:2020-01-01\n`);
place.write(
  'rules.yaml',
  [
    'vulnerabilities:',
    `  - id: ${musl}`,
    '    statement: not reached',
    `  - id: ${lodash}`,
    '    expired_at: 2020-01-01',
    `  - id: ${busybox}`,
    '    paths: ["elsewhere/**"]',
    '',
  ].join('\n'),
);

const filters: readonly {
  readonly args: readonly string[];
  readonly found?: readonly string[];
  readonly status?: number;
  readonly told?: RegExp;
  readonly env?: Readonly<Record<string, string>>;
}[] = [
  { args: [] },
  { args: ['--exit-code', '7'], status: 7 },
  { args: ['--severity', 'CRITICAL,HIGH'], found: [musl, lodash] },
  { args: ['-s', 'critical', '-s', 'MEDIUM'] },
  { args: ['--severity', 'LOW', '--exit-code', '7'], found: [] },
  { args: ['--severity', 'LOW', '--fail-on', 'CRITICAL'], found: [], status: 1 },
  { args: ['--exit-on-eol', '8', '--exit-code', '7'], status: 8 },
  { args: ['--fail-on', 'HIGH'], status: 1 },
  { args: ['--fail-on', 'HIGH', '--exit-code', '9'], status: 9 },
  { args: ['--fail-on', 'CRITICAL', '--pkg-types', 'os', '--ignore-unfixed'], found: [busybox] },
  { args: ['--ignore-unfixed'], found: [busybox, lodash] },
  { args: ['--pkg-types', 'library'], found: [lodash] },
  { args: ['--pkg-types', 'os'], found: [busybox, musl] },
  { args: ['--skip-dirs', 'app/node_modules'], found: [busybox, musl] },
  { args: ['--skip-dirs', '/app'], found: [busybox, musl] },
  { args: ['--skip-files', '**/lodash/package.json'], found: [busybox, musl] },
  {
    args: ['--ignorefile', 'old.txt'],
    found: [busybox, lodash],
    told: /^old\.txt:3: the rule for CVE-2024-0003 ended on 2020-01-01 .+\n$/,
  },
  {
    args: ['--ignorefile', 'rules.yaml'],
    found: [busybox, lodash],
    told: /^rules\.yaml:4: the rule for CVE-2024-0003 ended on 2020-01-01 .+\n$/,
  },
  {
    args: ['--ignorefile', 'old.txt', '--fail-on', 'CRITICAL', '--ignore-unfixed'],
    status: 1,
    found: [busybox, lodash],
    told: /ended/,
  },
  { args: [], env: { SEAWORTHY_SEVERITY: 'MEDIUM' }, found: [busybox] },
  { args: ['--severity', 'CRITICAL'], env: { SEAWORTHY_SEVERITY: 'MEDIUM' }, found: [musl, lodash] },
];

describe('filters and gates', { concurrency: 2 }, () => {
  for (const { args, found = sampleFindings, status = 0, told = /^$/, env = {} } of filters) {
    const settings = Object.entries(env).map(([name, value]) => `${name}=${value} `);
    test(`${settings.join('')}seaworthy image ${args.join(' ')} shows ${found.length} and ends with ${status}`, async () => {
      const ended = await place.run(['image', 'oci-dir:image', '-f', 'json', ...args], { env });
      assert.match(ended.stderr, told);
      assert.deepEqual(idsIn(ended.stdout), found);
      assert.equal(ended.status, status);
    });
  }
});

test('flags come before the environment, that before seaworthy.yaml, that before defaults; settings tells which', async () => {
  const folder = join(place.path, 'project');
  mkdirSync(folder);
  writeFiles(folder, new Map([['seaworthy.yaml', Buffer.from('severity: [LOW]\nexit-code: 3\ntimeout: 10m\n')]]));
  const env = { SEAWORTHY_EXIT_CODE: '4', SEAWORTHY_SEVERITY: 'HIGH' };
  const { status, stdout, stderr } = await place.run(['settings', '--json', '--severity', 'CRITICAL'], {
    cwd: folder,
    env,
  });
  assert.equal(stderr, '');
  assert.equal(status, 0);
  const lines = stdout.split('\n');
  for (const part of ['--severity', 'SEAWORTHY_EXIT_CODE', 'seaworthy.yaml:3', 'default']) {
    assert.equal(
      lines.some((line) => line.includes(part)),
      true,
      part,
    );
  }
  const { stdout: found } = await place.run(['image', `oci-dir:${join(place.path, 'image')}`, '-f', 'json'], {
    cwd: folder,
  });
  assert.deepEqual(idsIn(found), []);
});

const commands = [
  '',
  'image',
  'rootfs',
  'sbom',
  'scan',
  'db',
  'db build',
  'db update',
  'db status',
  'db path',
  'settings',
];

describe('help', { concurrency: 2 }, () => {
  for (const command of commands) {
    test(`seaworthy ${command} --help fits a terminal and ends in examples of the command`, async () => {
      const words = command.split(' ').filter((word) => word !== '');
      const { status, stdout, stderr } = await place.run([...words, '--help']);
      assert.deepEqual([status, stderr], [0, '']);
      // A word that is longer than its column cannot be broken.
      for (const line of stdout.split('\n')) assert.ok(line.length <= 80 || /^ {24,}\S+$/.test(line), line);
      assert.match(stdout, new RegExp(`\\nExamples:\\n  # .+\\n  \\$ seaworthy ${command}`));
    });
  }
});

test('seaworthy takes the flags of every command before it as well as after it', async () => {
  const path = async (...args: readonly string[]): Promise<string> => {
    const { status, stdout, stderr } = await place.run(args);
    assert.deepEqual([status, stderr], [0, ''], args.join(' '));
    return stdout;
  };
  assert.equal(await path('--cache-dir', '/a', 'db', 'path'), '/a/vulndb\n');
  assert.equal(await path('db', '--cache-dir=/a', 'path', '-q'), '/a/vulndb\n');
  assert.equal(await path('db', 'path', '--cache-dir', '/b'), '/b/vulndb\n');
  assert.match(await path('-qd', 'settings', '--quiet=false', '--json'), /"quiet": \{\s+"value": "false"/);
  assert.deepEqual(idsIn(await path('-q', 'image', 'oci-dir:image', '-f', 'json')), sampleFindings);
});

test('--debug tells on standard error what is done, and what an error came from, wherever it is set', async () => {
  const { stdout, stderr } = await place.run(['image', 'oci-dir:image', '-f', 'json', '--debug']);
  assert.deepEqual(idsIn(stdout), sampleFindings);
  const told = ['database', 'opened', 'read', 'looked up'].map((what) => `debug: ${what} `);
  const lines = stderr.trimEnd().split('\n');
  for (const start of told) assert.equal(lines.filter((line) => line.startsWith(start)).length, 1, start);
  const failed = await place.run(['scan', 'sbom:nowhere'], { env: { SEAWORTHY_DEBUG: 'true' } });
  assert.match(failed.stderr, /^error TARGET_INVALID: /m);
  assert.match(failed.stderr, /^Error: ENOENT/m);
});

test('seaworthy image lists every package in the JSON report unless that is turned off', async () => {
  const listed = async (...args: readonly string[]): Promise<readonly string[]> =>
    packagesIn((await place.run(['image', 'oci-dir:image', '-f', 'json', ...args])).stdout);
  const all = ['busybox', 'lodash', 'musl', 'zlib'];
  assert.deepEqual(await listed(), all);
  assert.deepEqual(await listed('--list-all-pkgs'), all);
  assert.deepEqual(await listed('--list-all-pkgs=false'), []);
});

test('seaworthy image writes several reports from one scan', async () => {
  const outputs = ['json=a/report.json', 'sarif=report.sarif', 'cyclonedx-json=bom.json', 'table=report.txt'];
  const args = ['image', 'oci-dir:image', '-f', 'table', ...outputs.flatMap((output) => ['-o', output])];
  const { status, stdout, stderr } = await place.run(args);
  assert.equal(stderr, '');
  assert.equal(status, 0);
  const read = (name: string): string => readFileSync(join(place.path, name), 'utf8');
  assert.deepEqual(idsIn(read('a/report.json')), sampleFindings);
  assert.deepEqual(packagesIn(read('a/report.json')), ['busybox', 'lodash', 'musl', 'zlib']);
  assert.equal((JSON.parse(read('report.sarif')) as { version: string }).version, '2.1.0');
  assert.equal((JSON.parse(read('bom.json')) as { bomFormat: string }).bomFormat, 'CycloneDX');
  for (const table of [stdout, read('report.txt')]) {
    assert.match(table, /Total: 2 \(UNKNOWN: 0, LOW: 0, MEDIUM: 1, HIGH: 0, CRITICAL: 1\)/);
    assert.doesNotMatch(table, /\u001B/);
    assert.equal(Math.max(...table.split('\n').map((line) => line.length)) <= 120, true);
  }
});

test('seaworthy image writes to devices, pipes and links without replacing them', async () => {
  symlinkSync('linked.json', join(place.path, 'link'));
  place.write('linked.json', 'old');
  execFileSync('mkfifo', [join(place.path, 'pipe')]);
  const piped = readFile(join(place.path, 'pipe'), 'utf8');
  const outputs = ['json=link', 'json=/dev/stdout', 'table=/dev/fd/1', 'table=pipe'];
  const args = ['image', 'oci-dir:image', ...outputs.flatMap((output) => ['-o', output])];
  const { status, stdout, stderr } = await place.run(args);
  assert.equal(stderr, '');
  assert.equal(status, 0);
  assert.match(stdout, /"SchemaVersion": 2[^]*Total: 2/);
  assert.match(await piped, /Total: 2/);
  assert.deepEqual(idsIn(readFileSync(join(place.path, 'linked.json'), 'utf8')), sampleFindings);
  assert.equal(readFileSync(join(place.path, 'link'), 'utf8'), readFileSync(join(place.path, 'linked.json'), 'utf8'));
});

test('seaworthy refuses, before it reads anything, places where no report can go', async () => {
  for (const [args, saying] of [
    [['-o', 'json=same', '-o', 'sarif=./same'], /Two reports/],
    [['-o', 'json=image'], /is a folder/],
    [['-f', 'cyclonedx-json', 'oci-dir:image'], /describes one image/],
    [['--ignorefile', 'nowhere'], /cannot be read/],
  ] as const) {
    assertOneError(await place.run(['image', 'oci-dir:image', ...args]), 'SETTING_INVALID', saying);
  }
});

test('seaworthy image writes the other reports when one cannot be written', async () => {
  place.write('file', '');
  const args = ['image', 'oci-dir:image', '-o', 'json=file/below.json', '-o', 'json=after.json'];
  assertOneError(await place.run(args), 'SETTING_INVALID', /file\/below\.json .+ -o/);
  assert.deepEqual(idsIn(readFileSync(join(place.path, 'after.json'), 'utf8')), sampleFindings);
  assert.deepEqual(
    readdirSync(place.path).filter((name) => name.endsWith('.tmp')),
    [],
  );
});

test('seaworthy says nothing of it when the reader of its output goes away', async () => {
  const { child, ended } = start(['image', 'oci-dir:image', '-f', 'json'], { env: place.env, cwd: place.path });
  child.stdout.destroy();
  const { status, stderr } = await ended;
  assert.equal(stderr, '');
  assert.equal(status, 0);
});

const mistakes: readonly (readonly [args: readonly string[], code: string, saying: RegExp])[] = [
  [['imagee'], 'COMMAND_LINE_INVALID', /did you mean image\?/],
  [['image', '--sevrity', 'HIGH'], 'COMMAND_LINE_INVALID', /--sevrity.+did you mean --severity\?/],
  [['image', '--severity'], 'COMMAND_LINE_INVALID', /--severity/],
  [['rootfs'], 'COMMAND_LINE_INVALID', /'dir'/],
  [['db', 'biuld'], 'COMMAND_LINE_INVALID', /did you mean build\?/],
  [['sbom', 'one', 'two'], 'COMMAND_LINE_INVALID', /too many/],
  [['image', '--severity', 'HIHG', 'x'], 'SETTING_INVALID', /did you mean HIGH\?/],
  [['image', '--format', 'jsn', 'x'], 'SETTING_INVALID', /did you mean json\?/],
  [['image', '-o', 'jsn=x', 'x'], 'SETTING_INVALID', /did you mean json\?/],
  [['image', '--exit-code', '256', 'x'], 'SETTING_INVALID', /0 to 255/],
  [['image', '--timeout', 'soon', 'x'], 'SETTING_INVALID', /5m0s/],
  [['image', '--platform', 'a/b/c/d', 'x'], 'SETTING_INVALID', /linux\/arm64/],
  [['image'], 'SETTING_INVALID', /No image was named.+ --input$/m],
  [['image', '--insecure', 'app:1'], 'SETTING_INVALID', /No image was named.+, and name hosts after --insecure$/m],
  [['k8s', '-A', '-n', 'shop'], 'COMMAND_LINE_INVALID', /--all-namespaces/],
  [['k8s', '--scanners', 'vuln,rbac'], 'SETTING_INVALID', /write vuln, since/],
  [['image', 'UPPER'], 'REFERENCE_INVALID', /lower case/],
  [['image', 'a b'], 'REFERENCE_INVALID', /a b/],
  [['image', 'docker:'], 'REFERENCE_INVALID', /Nothing follows/],
  [['image', '--input', 'nowhere'], 'IMAGE_NOT_FOUND', /nowhere/],
  [['image', 'oci-dir:feeds'], 'LAYOUT_INVALID', /feeds/],
  [['image', '--ca-cert', 'nowhere', 'oci-dir:image'], 'SETTING_INVALID', /--ca-cert/],
  [['image', '--password-stdin', 'oci-dir:image'], 'SETTING_INVALID', /--username/],
  [['image', '--config', 'nowhere', 'x'], 'SETTINGS_FILE_UNREADABLE', /nowhere/],
  [['rootfs', 'nowhere'], 'DIRECTORY_UNREADABLE', /nowhere/],
  [['scan', 'sbom:nowhere'], 'TARGET_INVALID', /nowhere.+; check the path$/m],
  [['image', '--offline=maybe', 'alpine'], 'SETTING_INVALID', /--offline cannot be "maybe"; write true or false/],
  [['scan', 'sbom:'], 'TARGET_INVALID', /Nothing follows "sbom:"/],
  [['scan', 'sbom:old.txt'], 'SBOM_UNRECOGNISED', /CycloneDX/],
  [['sbom', 'oci-dir:image', '-o', 'table'], 'SETTING_INVALID', /cyclonedx-json/],
  [['db', 'build', '--from', 'nowhere'], 'FEED_UNAVAILABLE', /nowhere/],
  [['db', 'build', '--from', 'image'], 'FEED_EMPTY', /all\.zip/],
];

describe('mistakes', { concurrency: 2 }, () => {
  for (const [args, code, saying] of mistakes) {
    test(`seaworthy ${args.join(' ')} is answered with ${code} in one sentence`, async () => {
      assertOneError(await place.run(args), code, saying);
    });
  }
});

test('seaworthy takes a timeout that is longer than timers are', async () => {
  const { status } = await place.run(['image', 'oci-dir:image', '-f', 'json', '--timeout', '1000h', '--no-cache']);
  assert.equal(status, 0);
});

test('seaworthy --quiet leaves nothing but the report', async () => {
  const ended = await place.run(['db', 'build', '--from', 'feeds', '--quiet', '--cache-dir', 'quiet']);
  assert.deepEqual([ended.stdout, ended.stderr, ended.status], ['', '', 0]);
  assert.equal(existsSync(join(place.path, 'quiet', 'vulndb')), true);
});

test('seaworthy says that standard output cannot be written, help too', { skip: !existsSync('/dev/full') }, () => {
  const full = openSync('/dev/full', 'w');
  for (const args of [['image', 'oci-dir:image'], ['--help']]) {
    const { status, stderr } = spawnSync(process.execPath, [launcher, ...args], {
      cwd: place.path,
      env: { ...process.env, ...place.env },
      stdio: ['ignore', full, 'pipe'],
      encoding: 'utf8',
    });
    assert.match(stderr, /^error SETTING_INVALID: Standard output cannot be written \(ENOSPC.*; make room.*\n$/);
    assert.equal(status, 2);
  }
  closeSync(full);
});

test('seaworthy k8s takes what Trivy has for what is so anyway', async () => {
  const usual = await place.run(['k8s', '--show-rbac']);
  const switches = ['-A', '--scanners', 'vuln', '--disable-node-collector', '--skip-db-update'];
  assert.deepEqual(await place.run(['k8s', ...switches, '--show-rbac']), usual);
  assert.deepEqual([usual.status, usual.stderr], [0, '']);
});
