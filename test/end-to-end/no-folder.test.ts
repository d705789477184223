import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { temporaryDirectory } from '../../testing/image/temporary-directory.ts';
import { run } from './program.ts';

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
