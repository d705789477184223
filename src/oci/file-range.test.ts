import assert from 'node:assert/strict';
import { open } from 'node:fs/promises';
import test from 'node:test';
import { temporaryDirectory } from '../../testing/image/temporary-directory.ts';
import { readRange, streamRange } from './file-range.ts';
import { seededBytes } from './random/random-bytes.ts';

const bytes = seededBytes('file-range', 700_000);

async function gather(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts);
}

test('readRange() and streamRange() read just the range', async () => {
  using folder = temporaryDirectory();
  await using file = await open(folder.write('file', bytes));
  for (const [offset, length] of [
    [0, 700_000],
    [1, 600_000],
    [699_999, 1],
    [5, 0],
  ] as const) {
    const range = { fd: file.fd, offset, length };
    const expected = bytes.subarray(offset, offset + length);
    assert.deepEqual(await readRange(range), expected);
    assert.deepEqual(await gather(streamRange(range)), expected);
  }
});

test('readRange() and streamRange() say when the file ends before the range', async () => {
  using folder = temporaryDirectory();
  await using file = await open(folder.write('file', bytes));
  const range = { fd: file.fd, offset: 600_000, length: 100_001 };
  await assert.rejects(readRange(range), { name: 'OciError', code: 'LAYER_UNREADABLE' });
  await assert.rejects(gather(streamRange(range)), { name: 'OciError', code: 'LAYER_UNREADABLE' });
});

test('streamRange() stops when it is aborted', async () => {
  using folder = temporaryDirectory();
  await using file = await open(folder.write('file', bytes));
  const range = { fd: file.fd, offset: 0, length: bytes.length };
  await assert.rejects(gather(streamRange(range, AbortSignal.abort())), { name: 'AbortError' });
});
