import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '../../../testing/image/temporary-directory.ts';
import { placeFound } from './place-entries.ts';
import { readSource } from './read-source.ts';
import { writeLayer } from './write-layer.ts';

test('readSource() keeps links below what is named, and follows what is named itself', async () => {
  using folder = temporaryDirectory();
  mkdirSync(join(folder.path, 'real/sub'), { recursive: true });
  folder.write('secret', 'outside');
  symlinkSync('../secret', join(folder.path, 'real/out'));
  symlinkSync('/etc', join(folder.path, 'real/etc'));
  symlinkSync('.', join(folder.path, 'real/sub/loop'));
  symlinkSync('real', join(folder.path, 'link'));
  for (const source of ['real', 'link']) {
    const found = await readSource(join(folder.path, source));
    assert.deepEqual(
      found.map(({ path, type, linkName }) => [path, type, linkName]),
      [
        ['', 'directory', ''],
        ['etc', 'symlink', '/etc'],
        ['out', 'symlink', '../secret'],
        ['sub', 'directory', ''],
        ['sub/loop', 'symlink', '.'],
      ],
    );
  }
});

test('readSource() says what is not there and what images do not hold', async () => {
  using folder = temporaryDirectory();
  await assert.rejects(readSource(join(folder.path, 'none')), {
    code: 'INPUT_UNREADABLE',
    message: /There is no .+none/,
  });
  for (const name of ['pipe', 'socket', 'wh', 'latin']) mkdirSync(join(folder.path, name));
  execFileSync('mkfifo', [join(folder.path, 'pipe/p')]);
  await assert.rejects(readSource(join(folder.path, 'pipe')), { code: 'INPUT_UNREADABLE', message: /is a pipe/ });
  await using server = createServer().listen(join(folder.path, 'socket/s'));
  await new Promise((resolve) => server.once('listening', resolve));
  await assert.rejects(readSource(join(folder.path, 'socket')), { code: 'INPUT_UNREADABLE', message: /is a socket/ });
  await assert.rejects(readSource('/dev/null'), { code: 'INPUT_UNREADABLE', message: /is a device/ });
  writeFileSync(join(folder.path, 'wh/.wh.passwd'), '');
  await assert.rejects(readSource(join(folder.path, 'wh')), { code: 'BUILD_INVALID', message: /take away a file/ });
  writeFileSync(Buffer.concat([Buffer.from(join(folder.path, 'latin/')), Buffer.from([0xe4])]), '');
  await assert.rejects(readSource(join(folder.path, 'latin')), { code: 'BUILD_INVALID', message: /not UTF-8/ });
  await assert.rejects(readSource(folder.path, AbortSignal.abort(new Error('enough'))), /enough/);
});

const changes: Readonly<Record<string, (path: string) => void>> = {
  'grew meanwhile': (path) => writeFileSync(path, 'longer than before'),
  'went away': (path) => rmSync(path),
  'became a link': (path) => {
    rmSync(path);
    symlinkSync('/etc/passwd', path);
  },
  'became another file': (path) => {
    writeFileSync(`${path}.new`, 'same6!');
    renameSync(`${path}.new`, path);
  },
  'lies behind a link now': (path) => {
    renameSync(join(path, '..'), join(path, '../../moved'));
    mkdirSync(join(path, '../../other'));
    writeFileSync(join(path, '../../other/file'), 'same6!');
    symlinkSync('other', join(path, '..'));
  },
};

for (const [title, change] of Object.entries(changes)) {
  test(`writeLayer() reads no file that ${title} since it was found`, async () => {
    using folder = temporaryDirectory();
    const source = join(folder.path, 'src');
    mkdirSync(source);
    const path = join(source, 'file');
    writeFileSync(path, 'before');
    const entries = placeFound({ kind: 'add', source, target: '/' }, await readSource(source), 'src');
    change(path);
    await assert.rejects(
      async () => {
        for await (const chunk of writeLayer(entries, 0)) assert.doesNotMatch(chunk.toString(), /root|same6/);
      },
      { code: 'INPUT_CHANGED' },
    );
  });
}
