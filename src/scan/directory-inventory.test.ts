import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, linkSync, mkdirSync, readdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import test from 'node:test';
import type { TarEntry } from '../../testing/image/tar-writer.ts';
import { temporaryDirectory } from '../../testing/image/temporary-directory.ts';
import { apkDatabase, goProgram, npmPackage, osRelease } from '../../testing/package-files.ts';
import { silentProgress } from '../base/progress.ts';
import type { Inventory } from '../package/inventory.ts';
import { readDirectoryInventory, type DirectoryContext } from './directory-inventory.ts';
import { skipNothing } from './skip-rules.ts';

function place(root: string, { name, body, mode }: TarEntry): string {
  const path = join(root, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, body ?? '');
  if (mode !== undefined) chmodSync(path, mode);
  return path;
}

function read(root: string, context: Partial<DirectoryContext> = {}): Promise<Inventory> {
  const signal = new AbortController().signal;
  return readDirectoryInventory(root, { skip: skipNothing, progress: silentProgress, signal, ...context });
}

function listed({ packages }: Inventory): string[] {
  return packages.map(({ name, version, locations: [first] }) => `${name}@${version} ${first?.path}`).sort();
}

test('readDirectoryInventory() lists packages, by names, links and programs', async () => {
  using folder = temporaryDirectory();
  const root = folder.path;
  place(root, osRelease('alpine', '3.19.1', 'usr/lib/os-release'));
  place(root, apkDatabase({ musl: '1.2.4-r2' }, 'real/apk/db/installed'));
  symlinkSync('real', join(root, 'lib'));
  symlinkSync('/usr/lib/os-release', join(root, 'etc-os-release'));
  place(root, goProgram('usr/bin/m', 'example.com/m', 'example.com/d', 'v1.2.3'));
  linkSync(place(root, { name: 'store/1', body: '{"name":"a","version":"1.0.0"}' }), join(root, 'package.json'));
  symlinkSync('../store/2', join(root, 'store/package.json'));
  place(root, { name: 'store/2', body: '{"name":"b","version":"2.0.0"}' });
  place(root, npmPackage('odd', '1.0.0', '.wh.srv'));
  const inventory = await read(root);
  assert.equal(inventory.distro?.id, 'alpine');
  assert.deepEqual(inventory.problems, []);
  assert.deepEqual(listed(inventory), [
    'a@1.0.0 package.json',
    'b@2.0.0 store/2',
    'example.com/d@v1.2.3 usr/bin/m',
    'example.com/m@v1.0.0 usr/bin/m',
    'musl@1.2.4-r2 real/apk/db/installed',
    'odd@1.0.0 .wh.srv/node_modules/odd/package.json',
    'stdlib@1.22.1 usr/bin/m',
  ]);
});

test('readDirectoryInventory() stays in its folder, and skips what it is told', async () => {
  using outside = temporaryDirectory();
  place(outside.path, npmPackage('secret', '1.0.0'));
  using folder = temporaryDirectory();
  const root = folder.path;
  symlinkSync(join(outside.path, 'app'), join(root, 'app'));
  symlinkSync(join(outside.path, 'app/node_modules/secret/package.json'), join(root, 'package.json'));
  place(root, npmPackage('a', '1.0.0', 'x'));
  place(root, npmPackage('b', '1.0.0', 'y'));
  const unlisted = join(root, 'y/node_modules');
  const skip = { directories: ['/y/'], files: [] };
  chmodSync(unlisted, 0);
  const inventory = await read(root, { skip });
  chmodSync(unlisted, 0o755);
  assert.deepEqual(listed(inventory), ['a@1.0.0 x/node_modules/a/package.json']);
  assert.deepEqual(inventory.problems, []);
});

test('readDirectoryInventory() does not read a huge file that a link names', async () => {
  using folder = temporaryDirectory();
  truncateSync(place(folder.path, { name: 'huge', body: '' }), 2 ** 40);
  symlinkSync('huge', join(folder.path, 'package.json'));
  const { problems } = await read(folder.path);
  assert.deepEqual(
    problems.map(({ code, subject }) => [code, subject]),
    [['FILE_TOO_LARGE', 'package.json']],
  );
});

test(
  'readDirectoryInventory() goes on without files that it may not read',
  { skip: process.getuid?.() === 0 && 'root may' },
  async () => {
    using folder = temporaryDirectory();
    const root = folder.path;
    chmodSync(place(root, apkDatabase({ musl: '1' })), 0);
    chmodSync(place(root, npmPackage('a', '1.0.0')), 0);
    place(root, npmPackage('b', '1.0.0'));
    const inventory = await read(root);
    assert.deepEqual(listed(inventory), ['b@1.0.0 app/node_modules/b/package.json']);
    assert.deepEqual(
      inventory.problems.map(({ code, subject, incomplete }) => [code, subject, incomplete]),
      [
        ['FILE_UNREADABLE', 'lib/apk/db/installed', true],
        ['FILE_UNREADABLE', 'app/node_modules/a/package.json', undefined],
      ],
    );
  },
);

test(
  'readDirectoryInventory() never takes a folder that it may not list for an empty one',
  { skip: process.getuid?.() === 0 && 'root may' },
  async () => {
    using folder = temporaryDirectory();
    const root = folder.path;
    place(root, apkDatabase({ musl: '1' }));
    const unlisted = join(root, 'lib/apk');
    chmodSync(unlisted, 0);
    const inventory = await read(root);
    chmodSync(unlisted, 0o755);
    assert.deepEqual(
      inventory.problems.map(({ code, subject, incomplete }) => [code, subject, incomplete]),
      [['FOLDER_UNREADABLE', 'lib/apk', true]],
    );
  },
);

test('readDirectoryInventory() says so when a path is too long to be looked at', async () => {
  using folder = temporaryDirectory();
  // Step by step, since no call takes a longer path than the system's limit; the last folder is made and not entered.
  const dig =
    'for step in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17; do mkdir "$0" && cd "$0" || exit 0; done 2>/dev/null';
  execFileSync('sh', ['-c', dig, 'd'.repeat(250)], { cwd: folder.path });
  const { problems } = await read(folder.path);
  execFileSync('rm', ['-rf', ...readdirSync(folder.path)], { cwd: folder.path });
  assert.deepEqual(
    problems.map(({ code, incomplete }) => [code, incomplete]),
    [['FOLDER_UNREADABLE', true]],
  );
});

test('readDirectoryInventory() says that there is no such folder, and stops when it is aborted', async () => {
  using folder = temporaryDirectory();
  await assert.rejects(read(join(folder.path, 'none')), {
    name: 'RootfsError',
    code: 'DIRECTORY_UNREADABLE',
    message: /ENOENT.+; name a folder that you can read$/,
  });
  for (let at = 0; at < 2001; at += 1) folder.write(`${at}`, '');
  const reason = new Error('enough');
  await assert.rejects(read(folder.path, { signal: AbortSignal.abort(reason) }), reason);
});
