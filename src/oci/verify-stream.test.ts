import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digestOf } from './verify-content.ts';
import { verifyStream } from './verify-stream.ts';

const bytes = Buffer.from('content');
const descriptor = { digest: digestOf(bytes), size: bytes.length };

async function* streamOf(...chunks: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield await Promise.resolve(Buffer.from(chunk));
}

async function read(stream: AsyncIterable<Uint8Array>, into: Uint8Array[] = []): Promise<string> {
  for await (const chunk of verifyStream(stream, descriptor)) into.push(chunk);
  return Buffer.concat(into).toString();
}

test('verifyStream() passes on what is right, however it is cut', async () => {
  assert.equal(await read(streamOf('content')), 'content');
  assert.equal(await read(streamOf('c', '', 'onten', 't', '')), 'content');
});

test('verifyStream() ends in an error for everything else, and hands over no byte too many', async () => {
  for (const [chunks, code] of [
    [[], 'SIZE_MISMATCH'],
    [['conten'], 'SIZE_MISMATCH'],
    [['CONTENT'], 'DIGEST_MISMATCH'],
    [['content', 'x'], 'SIZE_MISMATCH'],
    [['contentx'], 'SIZE_MISMATCH'],
  ] as const) {
    const got: Uint8Array[] = [];
    await assert.rejects(read(streamOf(...chunks), got), { name: 'OciError', code });
    assert.ok(Buffer.concat(got).length <= descriptor.size, chunks.join());
  }
});

test('verifyStream() does not wait for the end of a stream without one', async () => {
  async function* endless(): AsyncGenerator<Uint8Array> {
    for (;;) yield await Promise.resolve(bytes);
  }
  await assert.rejects(read(endless()), { code: 'SIZE_MISMATCH' });
});
