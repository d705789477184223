import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { temporaryDirectory } from '../../testing/image/temporary-directory.ts';
import { assertOneError, launcher, run } from './program.ts';

const inRemovedFolder = { skip: process.platform === 'win32' && 'a folder in use cannot be removed there' };

test('a command in a folder that was removed says so', inRemovedFolder, () => {
  using folder = temporaryDirectory();
  for (const args of [['--version'], ['image', 'alpine:3'], ['verify', '--key', 'a.pub', 'alpine:3']]) {
    const gone = join(folder.path, 'gone');
    mkdirSync(gone);
    const { status, signal, stdout, stderr } = spawnSync(
      'sh',
      ['-c', 'rmdir "$PWD" && exec "$@"', 'sh', process.execPath, launcher, ...args],
      { cwd: gone, env: { ...process.env, HOME: folder.path, NO_COLOR: '1' }, encoding: 'utf8' },
    );
    assertOneError({ status, signal, stdout, stderr }, 'WORKING_FOLDER_GONE', /removed/);
  }
});

test('nothing is kept below the working folder for a user whose HOME is empty or relative', async () => {
  using folder = temporaryDirectory();
  for (const home of ['', 'home']) {
    const { status, stdout, stderr } = await run(['db', 'path'], {
      cwd: folder.path,
      env: { HOME: home, XDG_CACHE_HOME: '' },
    });
    assert.deepEqual([status, stdout, stderr], [0, `${join(tmpdir(), '.cache', 'seaworthy', 'vulndb')}\n`, '']);
  }
  assert.deepEqual(readdirSync(folder.path), []);
});
