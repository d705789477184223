import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { writeFiles } from '../../testing/image/image-files.ts';
import { temporaryDirectory } from '../../testing/image/temporary-directory.ts';
import { silentProgress } from '../base/progress.ts';
import { readSourceInventory, type SourceContext, type SourceInventory } from './source-inventory.ts';

const context: SourceContext = {
  skip: { directories: [], files: [] },
  includeDevelopment: false,
  progress: silentProgress,
  signal: new AbortController().signal,
};

/** Names and paths of what was found. */
function found({ inventory }: SourceInventory): string[] {
  return inventory.packages.map(({ name, locations }) => `${name} ${locations[0]?.path}`).sort();
}

function lock(name: string, more: object = {}): Buffer {
  return Buffer.from(JSON.stringify({ packages: { [`node_modules/${name}`]: { version: '1.0.0', ...more } } }));
}

function tree(files: Readonly<Record<string, Buffer | string>>): ReturnType<typeof temporaryDirectory> {
  const folder = temporaryDirectory();
  writeFiles(folder.path, new Map(Object.entries(files).map(([path, content]) => [path, Buffer.from(content)])));
  return folder;
}

test('readSourceInventory() reads every lock file, and nothing that is installed', async () => {
  using folder = tree({
    'package-lock.json': lock('a'),
    'dev/package-lock.json': lock('b'),
    'proc/go.mod': 'module m\ngo 1.22\nrequire c v1.0.0\n',
    'node_modules/x/package.json': '{"name":"x","version":"1.0.0"}',
    'web/node_modules/y/package-lock.json': lock('y'),
    '.git/modules/package-lock.json': lock('z'),
    'venv/lib/p-1.0.dist-info/METADATA': 'Name: p\nVersion: 1.0\n',
  });
  const read = await readSourceInventory(folder.path, context);
  assert.deepEqual(found(read), ['a package-lock.json', 'b dev/package-lock.json', 'c proc/go.mod']);
  assert.deepEqual(read.inventory.problems, []);
});

test('readSourceInventory() leaves out what is for development, and says how much', async () => {
  using folder = tree({ 'package-lock.json': lock('a', { dev: true }), 'b/package-lock.json': lock('b') });
  const read = await readSourceInventory(folder.path, context);
  assert.deepEqual([found(read), read.leftOut], [['b b/package-lock.json'], 1]);
  const all = await readSourceInventory(folder.path, { ...context, includeDevelopment: true });
  assert.deepEqual([found(all), all.leftOut], [['a package-lock.json', 'b b/package-lock.json'], 0]);
});

test('readSourceInventory() skips what the user says', async () => {
  using folder = tree({ 'a/package-lock.json': lock('a'), 'b/package-lock.json': lock('b'), 'pom.xml': '<project/>' });
  const skip = { directories: ['a'], files: ['pom.xml'] };
  const read = await readSourceInventory(folder.path, { ...context, skip });
  assert.deepEqual([found(read), read.inventory.problems], [['b b/package-lock.json'], []]);
});

test('readSourceInventory() reads a single lock file with what stands beside it', async () => {
  using folder = tree({
    'yarn.lock': 'a@1:\n  version "1"\n\nb@1:\n  version "1"\n',
    'package.json': '{"dependencies":{"a":"1"},"devDependencies":{"b":"1"}}',
    'go.mod': 'module m\ngo 1.22\nrequire c v1.0.0\n',
    'sub/yarn.lock': 'd@1:\n  version "1"\n',
    'notes.txt': '',
  });
  const read = await readSourceInventory(join(folder.path, 'yarn.lock'), context);
  assert.deepEqual([found(read), read.leftOut], [['a yarn.lock'], 1]);
  await assert.rejects(readSourceInventory(join(folder.path, 'notes.txt'), context), { code: 'TARGET_INVALID' });
  await assert.rejects(readSourceInventory(join(folder.path, 'absent'), context), { code: 'TARGET_INVALID' });
});

test('readSourceInventory() follows no link out of the folder, and no loop, and tells of lock files at their ends', async () => {
  using outside = tree({ 'package-lock.json': lock('secret') });
  using folder = tree({ 'a/locked.json': lock('a') });
  symlinkSync('..', join(folder.path, 'a', 'loop'));
  symlinkSync(join(outside.path, 'package-lock.json'), join(folder.path, 'package-lock.json'));
  symlinkSync(outside.path, join(folder.path, 'out'));
  symlinkSync('../../go.mod', join(folder.path, 'a', 'go.mod'));
  symlinkSync('Cargo.lock', join(folder.path, 'a', 'Cargo.lock'));
  symlinkSync('nothing', join(folder.path, 'a', 'notes.txt'));
  const read = await readSourceInventory(folder.path, context);
  assert.deepEqual(found(read), []);
  assert.deepEqual(
    read.inventory.problems
      .map(({ code, subject, incomplete }) => [code, subject, incomplete])
      .sort(([, one = ''], [, other = '']) => (one < other ? -1 : 1)),
    ['a/Cargo.lock', 'a/go.mod', 'package-lock.json'].map((path) => ['LINK_NOT_READ', path, true]),
  );
  const skip = { directories: [], files: ['a/*', 'package-lock.json'] };
  assert.deepEqual((await readSourceInventory(folder.path, { ...context, skip })).inventory.problems, []);
  for (let at = 0; at < 150; at += 1) {
    mkdirSync(join(folder.path, `p${at}`));
    symlinkSync('nothing', join(folder.path, `p${at}`, 'yarn.lock'));
  }
  const many = await readSourceInventory(folder.path, { ...context, skip });
  assert.equal(many.inventory.problems.length, 101);
  assert.ok(many.inventory.problems.some(({ message }) => message.startsWith('50 more links like this one')));
});

test('readSourceInventory() reads what requirements include, once, and nothing outside the folder', async () => {
  using outside = tree({ 'secret.txt': 'secret==1\n' });
  using folder = tree({
    'beside.txt': 'e==1\n',
    'requirements.txt': '-r beside.txt\n-r requirements/base.txt\n-r https://example.org/x.txt\na==1\n',
    'requirements/base.txt': '-r ../requirements.txt\n-r more.txt\nb==1\n',
    'requirements/more.txt': `--requirement=base.txt\n-r ../../secret.txt\n-r ${outside.path}/secret.txt\nc==1\n`,
    'requirements/unused.txt': 'd==1\n',
  });
  const read = await readSourceInventory(folder.path, context);
  assert.deepEqual(found(read), [
    'a requirements.txt',
    'b requirements/base.txt',
    'c requirements/more.txt',
    'e beside.txt',
  ]);
  assert.deepEqual(
    read.inventory.problems.map(({ code, subject }) => `${code} ${subject}`),
    [
      'INCLUDE_NOT_READ requirements.txt',
      'INCLUDE_NOT_READ requirements/more.txt',
      'INCLUDE_NOT_READ requirements/more.txt',
    ],
  );
  const one = await readSourceInventory(join(folder.path, 'requirements.txt'), context);
  assert.deepEqual(found(one), ['a requirements.txt', 'e beside.txt']);
  assert.equal(one.inventory.problems[0]?.code, 'INCLUDE_NOT_READ');
});

test('readSourceInventory() tells of projects that say nothing of what they are built from', async () => {
  using folder = tree({
    'pom.xml': '<project/>',
    'module/pom.xml': '<project/>',
    'package-lock.json': lock('a'),
    'packages/web/package.json': '{}',
    'api/Cargo.toml': '[package]\nname = "api"\n',
    'api/src/x.csproj': '<Project/>',
  });
  const { inventory } = await readSourceInventory(folder.path, context);
  assert.deepEqual(inventory.problems.map(({ code, subject }) => `${code} ${subject}`).sort(), [
    'LOCKFILE_MISSING api/Cargo.toml',
    'LOCKFILE_MISSING api/src/x.csproj',
    'LOCKFILE_MISSING module/pom.xml',
  ]);
  const maven = inventory.problems.find(({ subject }) => subject.endsWith('pom.xml'));
  assert.match(maven?.message ?? '', /and of 1 more like it.*Maven has no lock file/);
});

test('readSourceInventory() follows a link that is named itself to the lock file at its end', async () => {
  using folder = tree({
    'real/yarn.lock': 'a@1:\n  version "1"\n\nb@1:\n  version "1"\n',
    'real/package.json': '{"dependencies":{"a":"1"},"devDependencies":{"b":"1"}}',
    'real/secret': 'x',
  });
  symlinkSync('real/yarn.lock', join(folder.path, 'yarn.lock'));
  symlinkSync('real/secret', join(folder.path, 'go.mod'));
  symlinkSync('Cargo.lock', join(folder.path, 'Cargo.lock'));
  const read = await readSourceInventory(join(folder.path, 'yarn.lock'), context);
  assert.deepEqual([found(read), read.leftOut], [['a yarn.lock'], 1]);
  for (const [name, said] of [
    ['go.mod', /is a link to .*secret, which is no lock file/],
    ['Cargo.lock', /cannot be looked at/],
  ] as const) {
    const reading = readSourceInventory(join(folder.path, name), context);
    await assert.rejects(reading, { code: 'TARGET_INVALID', message: said });
  }
});

test('readSourceInventory() goes on after a lock file that is broken or too large', async () => {
  using folder = tree({
    'package-lock.json': '{',
    'b/yarn.lock': '<html>',
    'd/package-lock.json': lock('d'),
  });
  const read = await readSourceInventory(folder.path, context);
  assert.deepEqual(found(read), ['d d/package-lock.json']);
  assert.deepEqual(read.inventory.problems.map(({ code, subject }) => `${code} ${subject}`).sort(), [
    'FILE_MALFORMED b/yarn.lock',
    'FILE_MALFORMED package-lock.json',
  ]);
  assert.ok(read.inventory.problems.every(({ incomplete }) => incomplete === true));
});

test('readSourceInventory() tells of empty lock files, save where an empty one says that there is nothing', async () => {
  const broken = [
    'package-lock.json',
    'npm-shrinkwrap.json',
    'pnpm-lock.yaml',
    'bun.lock',
    'poetry.lock',
    'Pipfile.lock',
    'uv.lock',
    'pdm.lock',
    'Cargo.lock',
    'composer.lock',
    'Gemfile.lock',
    'gems.locked',
    'packages.lock.json',
  ].map((name) => `broken/${name}`);
  // A go.mod without a word keeps a folder out of the module around it; the others list nothing.
  const well = ['yarn.lock', 'requirements.txt', 'gradle.lockfile', 'go.mod'].map((name) => `well/${name}`);
  using folder = tree(Object.fromEntries([...broken, ...well, 'vendor/a/composer.lock'].map((path) => [path, ''])));
  const { inventory } = await readSourceInventory(folder.path, context);
  assert.deepEqual(inventory.problems.map(({ subject }) => subject).sort(), broken.toSorted());
  for (const { code, incomplete, message } of inventory.problems) {
    assert.deepEqual([code, incomplete], ['FILE_MALFORMED', true]);
    assert.match(message, /could not read the file: ./);
  }
  const one = await readSourceInventory(join(folder.path, 'broken', 'uv.lock'), context);
  assert.deepEqual(
    one.inventory.problems.map(({ subject }) => subject),
    ['uv.lock'],
  );
});
