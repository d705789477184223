import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '../../../testing/image/temporary-directory.ts';
import { testHost } from '../../../testing/test-host.ts';
import { openBlob } from './open-blob.ts';

async function readAll(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const read: Uint8Array[] = [];
  for await (const chunk of chunks) read.push(chunk);
  return read;
}

test('openBlob() holds small files, and reads others in chunks', async () => {
  using folder = temporaryDirectory();
  const content = Buffer.alloc(3_000_000, 'cargo');
  writeFileSync(join(folder.path, 'file'), content);
  const host = testHost({ cwd: folder.path });
  for (const [most, chunks] of [
    [content.length, undefined],
    [content.length - 1, 3],
  ] as const) {
    const blob = await openBlob('file', host, most);
    if (chunks === undefined) {
      assert.deepEqual(blob, content);
      continue;
    }
    const read = await readAll(blob as AsyncIterable<Uint8Array>);
    assert.equal(read.length, chunks);
    assert.deepEqual(Buffer.concat(read), content);
  }
});

test('openBlob() says what cannot be read, and ends with the signal', async () => {
  using folder = temporaryDirectory();
  writeFileSync(join(folder.path, 'file'), 'cargo');
  const controller = new AbortController();
  const host = testHost({ cwd: folder.path, signal: controller.signal });
  await assert.rejects(openBlob('absent', host), { code: 'SETTING_INVALID' });
  await assert.rejects(openBlob('.', host, 0), { code: 'SETTING_INVALID' });
  // A pipe or device may go on for ever.
  await assert.rejects(openBlob('/dev/zero', host, 100), { code: 'SETTING_INVALID', message: /more than 100 bytes/ });
  const chunks = (await openBlob('file', host, 1)) as AsyncIterable<Uint8Array>;
  const reason = new Error('enough');
  controller.abort(reason);
  await assert.rejects(readAll(chunks), (error) => error === reason);
});
