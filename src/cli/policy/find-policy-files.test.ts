import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync } from 'node:fs';
import test from 'node:test';
import { temporaryDirectory } from '../../../testing/image/temporary-directory.ts';
import { findPolicyFiles } from './find-policy-files.ts';

test('findPolicyFiles() finds what is named, and in folders what ends as YAML or JSON, each once', async () => {
  using folder = temporaryDirectory();
  for (const path of ['p/team/deep', 'p/.git', 'p/node_modules', 'p/dir.yaml', 'empty/.hidden']) {
    mkdirSync(`${folder.path}/${path}`, { recursive: true });
  }
  const others = ['p/.c.yaml', 'p/d.md', 'p/.git/e.yaml', 'p/node_modules/f.yaml', 'empty/.hidden/g.yaml'];
  const wanted = ['p/a.yaml', 'p/b.yml', 'p/dir.yaml/h.json', 'p/team/deep/i.yaml', 'named.txt'];
  for (const path of [...others, ...wanted]) folder.write(path, 'x');
  const { files, unreadable, empty } = await findPolicyFiles(
    ['p', 'named.txt', 'p/team', 'none', 'p/a.yaml', 'empty'],
    folder.path,
  );
  const short = (path: string): string => path.replace(`${folder.path}/`, '');
  assert.deepEqual(files.map(short), wanted);
  assert.deepEqual(
    unreadable.map(({ path, why }) => `${short(path)} ${why}`),
    ['none is not there'],
  );
  assert.deepEqual(empty.map(short), ['empty']);
});

test('findPolicyFiles() reads the volume of a ConfigMap, each file once, and follows no link to a folder', async () => {
  using folder = temporaryDirectory();
  mkdirSync(`${folder.path}/..2026`);
  folder.write('..2026/a.yaml', 'x');
  symlinkSync('..2026', `${folder.path}/..data`);
  symlinkSync('..data/a.yaml', `${folder.path}/a.yaml`);
  symlinkSync('.', `${folder.path}/round.yaml`);
  symlinkSync('nowhere', `${folder.path}/z.yaml`);
  const { files } = await findPolicyFiles(['.'], folder.path);
  assert.deepEqual(files, [`${folder.path}/a.yaml`, `${folder.path}/z.yaml`]);
});

test('findPolicyFiles() says of what is too deep or too much that it is', async () => {
  using folder = temporaryDirectory();
  mkdirSync(`${folder.path}/deep${'/x'.repeat(40)}`, { recursive: true });
  mkdirSync(`${folder.path}/many`);
  for (let each = 0; each <= 1000; each += 1) folder.write(`many/${each}.yaml`, '');
  const { unreadable } = await findPolicyFiles(['deep', 'many'], folder.path);
  assert.deepEqual(
    unreadable.map(({ why }) => why),
    ['has folders within more than 32 others', 'makes it more than 1000 files'],
  );
});
