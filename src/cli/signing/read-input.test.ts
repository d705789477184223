import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '../../../testing/image/temporary-directory.ts';
import { testHost } from '../../../testing/test-host.ts';
import { readInput } from './read-input.ts';

test('readInput() reads a file beside the user, or standard input', async () => {
  using folder = temporaryDirectory();
  writeFileSync(join(folder.path, 'file'), 'content');
  const host = testHost({ cwd: folder.path, readStdin: async (most) => Buffer.from(`stdin ${most}`) });
  assert.equal((await readInput('file', 100, '--option', host)).toString(), 'content');
  assert.equal((await readInput('-', 100, '--option', host)).toString(), 'stdin 100');
});

test('readInput() takes what its cap allows, and refuses a byte more', async () => {
  using folder = temporaryDirectory();
  writeFileSync(join(folder.path, 'file'), 'content');
  const host = testHost({ cwd: folder.path });
  assert.equal((await readInput('file', 7, '--option', host)).toString(), 'content');
  for (const [most, saying] of [
    [6, /file has more than 6 bytes; check --option$/],
    [0, /more than 0 bytes/],
  ] as const) {
    await assert.rejects(readInput('file', most, '--option', host), { code: 'SETTING_INVALID', message: saying });
  }
});

test('readInput() says which option to check, and ends with the signal', async () => {
  using folder = temporaryDirectory();
  const host = testHost({ cwd: folder.path });
  for (const path of ['absent', '.']) {
    await assert.rejects(readInput(path, 100, '--option', host), { code: 'SETTING_INVALID', message: /--option$/ });
  }
  const reason = new Error('enough');
  const ended = testHost({ cwd: folder.path, signal: AbortSignal.abort(reason) });
  await assert.rejects(readInput('absent', 100, '--option', ended), (error) => error === reason);
});
