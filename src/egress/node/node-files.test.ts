import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { temporaryDirectory } from '../../../testing/image/temporary-directory.ts';
import { egressLimits } from '../limits.ts';
import { filesBelow, filesInMemory, isFolder, type NodeFiles } from './node-files.ts';
import { readPlainYaml } from './plain-yaml.ts';

function suite(name: string, open: (files: ReadonlyMap<string, string>) => NodeFiles): void {
  describe(name, () => {
    const content = new Map([
      ['/etc/b/x', 'one'],
      ['/etc/b/Z', ''],
      ['/etc/b.d/y', ''],
    ]);
    test('reads, lists and looks', async () => {
      const files = open(content);
      assert.deepEqual(await files.read('/etc/b/x'), { kind: 'text', text: 'one' });
      assert.deepEqual(await files.list('/etc/b'), { kind: 'names', names: ['Z', 'x'] });
      assert.deepEqual(await files.list('/etc'), { kind: 'names', names: ['b', 'b.d'] });
      assert.deepEqual([await files.look('/etc/b'), await files.look('/etc/b/x')], ['folder', 'file']);
    });
    test('tells what is absent from what cannot be read', async () => {
      const files = open(content);
      for (const path of ['/nothing', '/etc/b/x/y']) {
        assert.equal((await files.read(path)).kind, 'absent', path);
        assert.equal((await files.list(path)).kind, 'absent', path);
        assert.equal(await files.look(path), 'absent', path);
      }
      assert.equal((await files.read('/etc/b')).kind, 'unreadable');
    });
  });
}

suite('filesInMemory()', filesInMemory);

test('filesBelow() does the same, and follows no link out of the root', async () => {
  using folder = temporaryDirectory();
  const root = join(folder.path, 'root');
  mkdirSync(join(root, 'etc/b'), { recursive: true });
  writeFileSync(join(root, 'etc/b/x'), 'one');
  writeFileSync(join(folder.path, 'outside'), 'secret');
  symlinkSync('../../../outside', join(root, 'etc/b/out'));
  symlinkSync('x', join(root, 'etc/b/in'));
  writeFileSync(join(root, 'etc/latin'), Buffer.from('server = "\xe9"', 'latin1'));
  writeFileSync(join(root, 'etc/large'), Buffer.alloc(egressLimits.fileBytes + 1));
  const files = filesBelow(root);
  assert.deepEqual(await files.read('/etc/b/x'), { kind: 'text', text: 'one' });
  assert.deepEqual(await files.read('/etc/b/in'), { kind: 'text', text: 'one' });
  assert.deepEqual(await files.list('/etc/b'), { kind: 'names', names: ['in', 'out', 'x'] });
  for (const path of ['/etc/b/out', '/etc/large', '/etc/latin', '/etc/b'])
    assert.equal((await files.read(path)).kind, 'unreadable', path);
  for (const path of ['/none', '/etc/b/x/y']) assert.equal((await files.read(path)).kind, 'absent', path);
  assert.deepEqual(
    [await files.look('/etc/b/out'), await files.look('/etc/b'), await files.look('/none')],
    ['unknown', 'folder', 'absent'],
  );
  assert.deepEqual(
    [await isFolder(root), await isFolder(join(root, 'etc/b/x')), await isFolder(join(root, 'none'))],
    [true, false, false],
  );
});

test('filesBelow() follows links as the node does, and tells those that lead to what was not brought along', async () => {
  using folder = temporaryDirectory();
  const root = join(folder.path, 'root');
  mkdirSync(join(root, 'etc/real'), { recursive: true });
  writeFileSync(join(root, 'etc/real/x'), 'of the node');
  writeFileSync(join(folder.path, 'x'), 'of this machine');
  for (const [path, target] of [
    ['absolute', '/etc/real'],
    ['twice', '/etc/absolute/../real/./x'],
    ['above', '../../../../etc/real/x'],
    ['elsewhere', join(folder.path, 'x')],
    ['var', '/var/lib/none'],
    ['circle', 'circle'],
    ['root', '/'],
  ] as const) {
    symlinkSync(target, join(root, 'etc', path));
  }
  const files = filesBelow(root);
  for (const path of ['/etc/absolute/x', '/etc/twice', '/etc/above', '/etc/root/etc/real/x'])
    assert.deepEqual(await files.read(path), { kind: 'text', text: 'of the node' }, path);
  assert.deepEqual(await files.list('/etc/absolute'), { kind: 'names', names: ['x'] });
  assert.equal(await files.look('/etc/absolute'), 'folder');
  assert.equal((await files.read('/etc/absolute/none')).kind, 'absent');
  for (const path of ['/etc/elsewhere', '/etc/var', '/etc/var/y', '/etc/circle']) {
    assert.equal((await files.read(path)).kind, 'unreadable', path);
    assert.equal((await files.list(path)).kind, 'unreadable', path);
    assert.equal(await files.look(path), 'unknown', path);
  }
});

test('filesBelow() waits for no pipe', { timeout: 20_000, skip: process.platform === 'win32' }, async () => {
  using folder = temporaryDirectory();
  execFileSync('mkfifo', [join(folder.path, 'pipe')]);
  const read = await filesBelow(folder.path).read('/pipe');
  assert.equal(read.kind === 'unreadable' && read.finding.sentence, 'is no regular file');
  assert.equal(await isFolder(join(folder.path, 'pipe')), false);
});

test('readPlainYaml() reads all documents, and keeps lines', async () => {
  const { documents } = await readPlainYaml('a: 1\n---\nb:\n  - x\n--- \nc: "---"\n');
  assert.equal(JSON.stringify(documents?.map(({ value }) => value)), '[{"a":"1"},{"b":["x"]},{"c":"---"}]');
  assert.deepEqual([documents?.[1]?.lineOf(['b', 0]), documents?.[2]?.lineOf(['none'])], [4, 6]);
  const { mistake } = await readPlainYaml('a: 1\n---\nb: *x\n');
  assert.deepEqual([mistake?.line, mistake?.sentence.split(' ', 1)], [3, ['Aliases']]);
});
