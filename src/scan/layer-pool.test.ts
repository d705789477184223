import assert from 'node:assert/strict';
import test from 'node:test';
import { writeTar } from '../../testing/image/tar-writer.ts';
import { inChunks, pathsOf, readLayerTar, stalled } from '../../testing/scanning/layer-sources.ts';
import type { Problem } from '../base/problem.ts';
import { LayerPool } from './layer-pool.ts';

const never = new AbortController().signal;

test('LayerPool lets go of a source whose reader gave up', async () => {
  await using pool = new LayerPool(1);
  let isReleased = false;
  const source = async function* (signal: AbortSignal): AsyncGenerator<Buffer> {
    yield Buffer.alloc(300_000, 'x');
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
    isReleased = true;
  };
  await assert.rejects(pool.run(readLayerTar, { open: source }, never), { code: 'MALFORMED' });
  assert.equal(isReleased, true);
});

test('LayerPool lets go of a source that its reader needs nothing of', async () => {
  await using pool = new LayerPool(1);
  const compare = [{ format: 'estargz', json: new Uint8Array(Buffer.from('{')) }] as const;
  const result = await pool.run({ ...readLayerTar, compare }, { open: stalled }, never);
  assert.deepEqual(
    (result as readonly Problem[]).map(({ code }) => code),
    ['LAYER_TABLE_UNREADABLE'],
  );
});

test('LayerPool survives a thread that runs out of memory', async () => {
  await using pool = new LayerPool(1);
  // Links are kept by the thread as text, so many long ones fill its heap.
  const links = async function* (): AsyncGenerator<Buffer> {
    const target = 'x'.repeat(16_000);
    for (let at = 0; at < 1e6; at += 1) {
      yield writeTar([{ name: `l${at}`, type: 'symlink', linkName: target + at }], { trailer: false });
    }
  };
  await assert.rejects(pool.run(readLayerTar, { open: links }, never), (error: { code: string }) =>
    ['WORKER_FAILED', 'LIMIT_EXCEEDED'].includes(error.code),
  );
  assert.deepEqual(pathsOf(await pool.run(readLayerTar, { open: () => inChunks() }, never)), [
    'app/node_modules/a/package.json',
  ]);
});
