import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { temporaryDirectory } from '../testing/image/temporary-directory.ts';
import { needsProgram } from '../testing/registry/find-program.ts';
import { readOptions } from '../tools/container-image/options.ts';
import { emptyFolder } from '../tools/release/folder.ts';
import { checkTree } from '../tools/release/tree.ts';

test('emptyFolder() makes a folder, and empties that of an earlier release, also of one that stopped', () => {
  using folder = temporaryDirectory();
  const out = join(folder.path, 'deep', 'release');
  emptyFolder(out);
  for (const name of [
    'seaworthy-1.2.3.tgz',
    'seaworthy-linux-x64.cyclonedx.sigstore.json',
    'seaworthy.cdx.json',
    'SHA256SUMS',
    'SHA256SUMS.sigstore.json',
    'THIRD-PARTY-NOTICES',
    'findings.json',
    'github-action-checksums.txt',
  ]) {
    writeFileSync(join(out, name), '');
  }
  for (const name of ['.stage', '.work-aB3x']) mkdirSync(join(out, name, 'blobs'), { recursive: true });
  emptyFolder(out);
  assert.deepEqual(readdirSync(out), []);
});

test('emptyFolder() takes nothing from a folder that has other things in it', () => {
  using folder = temporaryDirectory();
  for (const name of ['package.json', 'seaworthy', 'SHA256SUMS.txt', '.git']) {
    const out = join(folder.path, name.replace('.', '-'));
    mkdirSync(out);
    for (const each of ['findings.json', name]) writeFileSync(join(out, each), '');
    assert.throws(() => emptyFolder(out), { step: 'options', message: new RegExp(`has ${name} in it`) });
    assert.equal(readdirSync(out).length, 2);
  }
  const file = folder.write('file', '');
  assert.throws(() => emptyFolder(file), { step: 'options', message: /is no folder/ });
  assert.ok(existsSync(file));
});

test('checkTree() takes a checkout of the tag alone, as the tag has it', needsProgram('git'), () => {
  using folder = temporaryDirectory();
  const root = folder.path;
  const git = (...args: readonly string[]): void => {
    const who = ['-c', 'user.name=a', '-c', 'user.email=a@example.org', '-c', 'commit.gpgsign=false'];
    execFileSync('git', [...who, ...args], { cwd: root, stdio: 'pipe' });
  };
  const check = (apart: readonly string[] = []) => checkTree(root, 'v1.0.0', apart);
  const refused = (message: RegExp): void => assert.throws(() => check(), { step: 'version', message });
  git('init', '--quiet');
  folder.write('.gitignore', 'dist/\n');
  folder.write('source.ts', 'one');
  git('add', '.');
  git('commit', '--quiet', '-m', 'one');
  refused(/There is no tag v1\.0\.0/);
  git('tag', '-a', '-m', 'release', 'v1.0.0');
  check();

  mkdirSync(join(root, 'dist'));
  folder.write('dist/built.js', '');
  check();
  mkdirSync(join(root, 'prebuilt'));
  folder.write('prebuilt/seaworthy-darwin-x64', '');
  check(['prebuilt']);
  refused(/\(\?\? prebuilt\/seaworthy-darwin-x64\)/);
  git('clean', '-fdq');

  folder.write('source.ts', 'two');
  refused(/is not as v1\.0\.0 has it \(M source\.ts\)/);
  git('commit', '--quiet', '-am', 'two');
  refused(/What is checked out is not v1\.0\.0/);
  git('checkout', '--quiet', 'v1.0.0');
  check();
});

test('tools/executable.ts says in one line what is wrong with its flags', () => {
  const script = join(import.meta.dirname, '../tools/executable.ts');
  for (const [args, said] of [
    [['--target', 'plan9-x64'], /^There is no single file for plan9-x64; choose from linux-x64, [^\n]+\n$/],
    [['--traget', 'linux-x64'], /^Unknown option '--traget'[^\n]*\n$/],
  ] as const) {
    const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], { encoding: 'utf8' });
    assert.deepEqual([status, stdout], [1, '']);
    assert.match(stderr, said);
  }
});

test('readOptions() of the container image takes a key that is there, or that is no file', () => {
  using folder = temporaryDirectory();
  const node = folder.write('node', '');
  const read = (key: string) => readOptions(['--push', 'x/y:1', '--node-amd64', node, '--key', key], folder.path).key;
  const key = folder.write('cosign.key', '');
  for (const good of [key, 'env://KEY', 'awskms:///alias/one', 'k8s://namespace/name']) assert.equal(read(good), good);
  const missing = join(folder.path, 'none.key');
  assert.throws(() => read(missing), { message: `There is no ${missing}; name a private key with --key` });
});
