import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { writeFileAtomic } from './atomic-file.ts';

async function* chunks(failure?: Error): AsyncGenerator<Uint8Array> {
  yield Buffer.from('one ');
  // Larger than what is written at once.
  yield Buffer.alloc(2_000_000, 'x');
  if (failure !== undefined) throw failure;
  yield Buffer.from(' two');
}

test('writeFileAtomic() writes texts, bytes and chunks whole, or not at all', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'seaworthy-'));
  try {
    const path = join(folder, 'a', 'file');
    for (const [data, content] of [
      ['text', 'text'],
      [Buffer.from('bytes'), 'bytes'],
      [chunks(), `one ${'x'.repeat(2_000_000)} two`],
    ] as const) {
      await writeFileAtomic(path, data, { durable: true, mode: 0o600 });
      assert.equal(readFileSync(path, 'utf8'), content);
      assert.equal(statSync(path).mode & 0o777, 0o600);
    }
    const failure = new Error('the source is gone');
    await assert.rejects(writeFileAtomic(path, chunks(failure)), (error) => error === failure);
    assert.equal(readFileSync(path).length, 2_000_008);
    assert.deepEqual(readdirSync(join(folder, 'a')), ['file']);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
