import assert from 'node:assert/strict';
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '../../testing/image/temporary-directory.ts';
import { makeDirectory } from './make-directory.ts';

test('makeDirectory() makes what is missing, and names the first of it', async () => {
  using folder = temporaryDirectory();
  const top = join(folder.path, 'a');
  const deep = join(top, 'b', 'c');
  assert.equal(await makeDirectory(deep, { mode: 0o700 }), top);
  for (const each of [top, deep]) assert.equal(statSync(each).mode & 0o777, 0o700);
  assert.equal(await makeDirectory(deep), undefined);
  assert.equal(await makeDirectory(join(top, 'd')), join(top, 'd'));
});

test('makeDirectory() by many at once makes each folder once', async () => {
  using folder = temporaryDirectory();
  const deep = join(folder.path, 'a', 'b', 'c', 'd');
  await Promise.all(Array.from({ length: 20 }, () => makeDirectory(deep)));
  assert.ok(statSync(deep).isDirectory());
});

test('makeDirectory() throws where there is no folder, and none can be', async () => {
  using folder = temporaryDirectory();
  const file = join(folder.path, 'file');
  writeFileSync(file, '');
  await assert.rejects(makeDirectory(file), { code: 'EEXIST' });
  await assert.rejects(makeDirectory(join(file, 'x')), { code: 'ENOTDIR' });
});

// Node's own recursive way asks for ever here.
test(
  'makeDirectory() ends where the system denies that the parent is there',
  { skip: !existsSync('/proc/self') },
  async () => {
    await assert.rejects(makeDirectory('/proc/seaworthy/a'), { code: 'ENOENT' });
  },
);
