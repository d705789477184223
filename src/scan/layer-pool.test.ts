import assert from 'node:assert/strict';
import { openSync } from 'node:fs';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { compressLayer, sha256 } from '../../testing/image/image-builder.ts';
import { file, writeTar } from '../../testing/image/tar-writer.ts';
import { temporaryDirectory } from '../../testing/image/temporary-directory.ts';
import { npmPackage } from '../../testing/package-files.ts';
import type { Problem } from '../base/problem.ts';
import { OciError } from '../oci/error.ts';
import type { FileReading } from '../catalog/file-reading.ts';
import type { LayerResult } from './layer-analysis.ts';
import { LayerPool } from './layer-pool.ts';

const tar = writeTar([
  npmPackage('a', '1.0.0'),
  file('x', '{"name":"x","version":"1.0.0"}'),
  file('blob', Buffer.alloc(400_000, 7)),
]);
const gzip = compressLayer(tar, 'gzip');
const expectation = { diffId: sha256(tar), digest: sha256(gzip), size: gzip.length };
const never = new AbortController().signal;

async function* whole(bytes: Buffer = tar): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += 9000) yield bytes.subarray(at, at + 9000);
}

const plain = { expectation: { diffId: sha256(tar) } };

function pathsOf(result: LayerResult): string[] {
  return ('readings' in result ? result.readings : (result as readonly FileReading[])).map(({ path }) => path);
}

/** Gives a chunk, then nothing until it is aborted. */
async function* stalled(signal: AbortSignal): AsyncGenerator<Buffer> {
  yield tar.subarray(0, 200_000);
  await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
}

test('LayerPool reads more layers than it has threads, from chunks and from files', async () => {
  using folder = temporaryDirectory();
  const fd = openSync(folder.write('layer', Buffer.concat([Buffer.alloc(13), gzip, Buffer.alloc(7)])), 'r');
  const range = { fd, offset: 13, length: gzip.length };
  await using pool = new LayerPool(2);
  pool.warm(9);
  const runs = Array.from({ length: 12 }, (_, at) =>
    at % 2 === 0
      ? pool.run(plain, { open: () => whole() }, never)
      : pool.run({ expectation }, { range, open: () => assert.fail('opened') }, never),
  );
  for (const result of await Promise.all(runs)) assert.deepEqual(pathsOf(result), ['app/node_modules/a/package.json']);
});

test('LayerPool reads single entries under other paths', async () => {
  await using pool = new LayerPool(1);
  const only = [{ entry: 4, path: 'm/package.json' }];
  const result = await pool.run({ ...plain, only }, { open: () => whole() }, never);
  assert.deepEqual(pathsOf(result), ['m/package.json']);
});

test('LayerPool throws what reading threw, as the same class, and its threads go on', async () => {
  await using pool = new LayerPool(1);
  const lie = { expectation: { diffId: sha256(gzip) } };
  await assert.rejects(pool.run(lie, { open: () => whole() }, never), { name: 'OciError', code: 'DIGEST_MISMATCH' });
  await assert.rejects(pool.run(plain, { open: () => whole(tar.subarray(0, 530)) }, never), {
    name: 'CodecError',
    code: 'TRUNCATED',
  });
  await assert.rejects(pool.run(plain, { open: () => whole(Buffer.alloc(900_000, 'x')) }, never), {
    name: 'CodecError',
    code: 'MALFORMED',
  });
  const deep = writeTar(Array.from({ length: 3 }, (_, at) => file(`${'d/'.repeat(300)}${at}`, 'x')));
  assert.equal(
    pathsOf(await pool.run({ expectation: { diffId: sha256(deep) } }, { open: () => whole(deep) }, never)).length,
    0,
  );
  async function* failing(): AsyncGenerator<Buffer> {
    yield tar.subarray(0, 300_000);
    throw new OciError('RATE_LIMITED', 'wait');
  }
  await assert.rejects(pool.run(plain, { open: failing }, never), { code: 'RATE_LIMITED', message: 'wait' });
  assert.deepEqual(pathsOf(await pool.run(plain, { open: () => whole() }, never)), ['app/node_modules/a/package.json']);
});

test('LayerPool says that a file ends before its range', async () => {
  using folder = temporaryDirectory();
  const fd = openSync(folder.write('layer', gzip.subarray(0, 200)), 'r');
  await using pool = new LayerPool(1);
  const range = { fd, offset: 0, length: gzip.length };
  await assert.rejects(pool.run({ expectation }, { range, open: () => assert.fail('opened') }, never), {
    code: 'LAYER_UNREADABLE',
  });
});

test('LayerPool lets go of a source whose reader gave up', async () => {
  await using pool = new LayerPool(1);
  let isReleased = false;
  const source = async function* (signal: AbortSignal): AsyncGenerator<Buffer> {
    yield Buffer.alloc(300_000, 'x');
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
    isReleased = true;
  };
  await assert.rejects(pool.run(plain, { open: source }, never), { code: 'MALFORMED' });
  assert.equal(isReleased, true);
});

test('LayerPool lets go of a source that its reader needs nothing of', async () => {
  await using pool = new LayerPool(1);
  const compare = [{ format: 'estargz', json: new Uint8Array(Buffer.from('{')) }] as const;
  const result = await pool.run({ ...plain, compare }, { open: stalled }, never);
  assert.deepEqual(
    (result as readonly Problem[]).map(({ code }) => code),
    ['LAYER_TABLE_UNREADABLE'],
  );
});

test('LayerPool ends a thread that is aborted, refuses what waited, and starts another', async () => {
  await using pool = new LayerPool(1);
  const reason = new Error('enough');
  const controller = new AbortController();
  const running = pool.run(plain, { open: stalled }, controller.signal);
  const waiting = pool.run(plain, { open: () => assert.fail('opened') }, controller.signal);
  const later = pool.run(plain, { open: () => whole() }, never);
  setTimeout(() => controller.abort(reason), 100);
  await Promise.all([assert.rejects(running, reason), assert.rejects(waiting, reason)]);
  assert.deepEqual(pathsOf(await later), ['app/node_modules/a/package.json']);
  await assert.rejects(pool.run(plain, { open: () => assert.fail('opened') }, controller.signal), reason);
});

test('LayerPool refuses what runs or waits when it is disposed, and all that comes later', async () => {
  const pool = new LayerPool(1);
  const running = pool.run(plain, { open: stalled }, never);
  const waiting = pool.run(plain, { open: () => assert.fail('opened') }, never);
  const settled = Promise.allSettled([running, waiting]);
  await new Promise((resolve) => setTimeout(resolve, 100));
  await pool[Symbol.asyncDispose]();
  for (const result of await settled) {
    assert.equal(result.status, 'rejected');
    assert.equal((result.reason as { code: string }).code, 'WORKER_FAILED');
  }
  await assert.rejects(pool.run(plain, { open: () => whole() }, never), { code: 'WORKER_FAILED' });
});

for (const [what, end] of [
  ['that is aborted', (_: LayerPool, stop: AbortController) => stop.abort()],
  ['of a pool that is disposed', (pool: LayerPool) => pool[Symbol.asyncDispose]()],
] as const) {
  test(`LayerPool refuses a layer ${what} before it is known where its bytes are`, async () => {
    using folder = temporaryDirectory();
    const range = { fd: openSync(folder.write('layer', tar), 'r'), offset: 0, length: tar.length };
    const stop = new AbortController();
    await using pool = new LayerPool(1);
    const asked = Promise.withResolvers<void>();
    const found = Promise.withResolvers<typeof range>();
    const locate = (): Promise<typeof range> => {
      asked.resolve();
      return found.promise;
    };
    const running = pool.run(plain, { locate, open: () => assert.fail('opened') }, stop.signal);
    await asked.promise;
    await end(pool, stop);
    // Its thread is gone when it is told.
    await sleep(200);
    found.resolve(range);
    await assert.rejects(running, { name: what === 'that is aborted' ? 'AbortError' : 'ScanError' });
  });
}

test('LayerPool survives a thread that runs out of memory', async () => {
  await using pool = new LayerPool(1);
  // Links are kept by the thread as text, so many long ones fill its heap.
  const links = async function* (): AsyncGenerator<Buffer> {
    const target = 'x'.repeat(16_000);
    for (let at = 0; at < 1e6; at += 1) {
      yield writeTar([{ name: `l${at}`, type: 'symlink', linkName: target + at }], { trailer: false });
    }
  };
  await assert.rejects(pool.run(plain, { open: links }, never), (error: { code: string }) =>
    ['WORKER_FAILED', 'LIMIT_EXCEEDED'].includes(error.code),
  );
  assert.deepEqual(pathsOf(await pool.run(plain, { open: () => whole() }, never)), ['app/node_modules/a/package.json']);
});
