import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { readCappedFile } from './capped-file.ts';

test('readCappedFile() gives whole files up to the cap, and nothing of larger ones', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'capped-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'f');
  writeFileSync(file, 'x'.repeat(200_000));
  assert.equal((await readCappedFile(file, 200_000))?.length, 200_000);
  assert.equal(await readCappedFile(file, 199_999), undefined);
  writeFileSync(file, '');
  assert.equal((await readCappedFile(file, 0))?.length, 0);
  await assert.rejects(readCappedFile(join(folder, 'none'), 1), { code: 'ENOENT' });
  await assert.rejects(readCappedFile(folder, 1), { code: 'EISDIR' });
});

test('readCappedFile() gives up a file without an end', { skip: process.platform === 'win32' }, async () => {
  assert.equal(await readCappedFile('/dev/zero', 100_000), undefined);
});
