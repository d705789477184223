import assert from 'node:assert/strict';
import { openSync } from 'node:fs';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { compressLayer, sha256 } from '../../testing/image/image-builder.ts';
import { file, writeTar } from '../../testing/image/tar-writer.ts';
import { temporaryDirectory } from '../../testing/image/temporary-directory.ts';
import { inChunks, layerTar, pathsOf, readLayerTar, stalled } from '../../testing/scanning/layer-sources.ts';
import { OciError } from '../oci/error.ts';
import { LayerPool } from './layer-pool.ts';
import type { LayerRunner } from './layer-runner.ts';
import { LayersHere } from './layers-here.ts';

const gzip = compressLayer(layerTar, 'gzip');
const expectation = { diffId: sha256(layerTar), digest: sha256(gzip), size: gzip.length };
const never = new AbortController().signal;

/** All that read layers, made for so many at a time. */
const runners: readonly (readonly [string, (width: number) => LayerRunner])[] = [
  ['LayerPool', (width) => new LayerPool(width)],
  ['LayersHere', (width) => new LayersHere(width)],
];

for (const [name, open] of runners) {
  test(`${name} reads more layers than go at a time, from chunks and from files`, async () => {
    using folder = temporaryDirectory();
    const fd = openSync(folder.write('layer', Buffer.concat([Buffer.alloc(13), gzip, Buffer.alloc(7)])), 'r');
    const range = { fd, offset: 13, length: gzip.length };
    await using runner = open(2);
    runner.warm(9);
    const runs = Array.from({ length: 12 }, (_, at) =>
      at % 2 === 0
        ? runner.run(readLayerTar, { open: () => inChunks() }, never)
        : runner.run({ expectation }, { range, open: () => assert.fail('opened') }, never),
    );
    for (const result of await Promise.all(runs))
      assert.deepEqual(pathsOf(result), ['app/node_modules/a/package.json']);
  });

  test(`${name} reads single entries under other paths`, async () => {
    await using runner = open(1);
    const only = [{ entry: 4, path: 'm/package.json' }];
    const result = await runner.run({ ...readLayerTar, only }, { open: () => inChunks() }, never);
    assert.deepEqual(pathsOf(result), ['m/package.json']);
  });

  test(`${name} throws what reading threw, as the same class, and goes on`, async () => {
    await using runner = open(1);
    const lie = { expectation: { diffId: sha256(gzip) } };
    await assert.rejects(runner.run(lie, { open: () => inChunks() }, never), {
      name: 'OciError',
      code: 'DIGEST_MISMATCH',
    });
    await assert.rejects(runner.run(readLayerTar, { open: () => inChunks(layerTar.subarray(0, 530)) }, never), {
      name: 'CodecError',
      code: 'TRUNCATED',
    });
    await assert.rejects(runner.run(readLayerTar, { open: () => inChunks(Buffer.alloc(900_000, 'x')) }, never), {
      name: 'CodecError',
      code: 'MALFORMED',
    });
    const deep = writeTar(Array.from({ length: 3 }, (_, at) => file(`${'d/'.repeat(300)}${at}`, 'x')));
    assert.equal(
      pathsOf(await runner.run({ expectation: { diffId: sha256(deep) } }, { open: () => inChunks(deep) }, never))
        .length,
      0,
    );
    async function* failing(): AsyncGenerator<Buffer> {
      yield layerTar.subarray(0, 300_000);
      throw new OciError('RATE_LIMITED', 'wait');
    }
    await assert.rejects(runner.run(readLayerTar, { open: failing }, never), { code: 'RATE_LIMITED', message: 'wait' });
    assert.deepEqual(pathsOf(await runner.run(readLayerTar, { open: () => inChunks() }, never)), [
      'app/node_modules/a/package.json',
    ]);
  });

  test(`${name} says that a file ends before its range`, async () => {
    using folder = temporaryDirectory();
    const fd = openSync(folder.write('layer', gzip.subarray(0, 200)), 'r');
    await using runner = open(1);
    const range = { fd, offset: 0, length: gzip.length };
    await assert.rejects(runner.run({ expectation }, { range, open: () => assert.fail('opened') }, never), {
      code: 'LAYER_UNREADABLE',
    });
  });

  test(`${name} stops what is aborted, refuses what waited, and reads what is asked for by others`, async () => {
    await using runner = open(1);
    const reason = new Error('enough');
    const controller = new AbortController();
    const running = runner.run(readLayerTar, { open: stalled }, controller.signal);
    const waiting = runner.run(readLayerTar, { open: () => assert.fail('opened') }, controller.signal);
    const later = runner.run(readLayerTar, { open: () => inChunks() }, never);
    setTimeout(() => controller.abort(reason), 100);
    await Promise.all([assert.rejects(running, reason), assert.rejects(waiting, reason)]);
    assert.deepEqual(pathsOf(await later), ['app/node_modules/a/package.json']);
    await assert.rejects(runner.run(readLayerTar, { open: () => assert.fail('opened') }, controller.signal), reason);
  });

  test(`${name} refuses what runs or waits when it is disposed, and all that comes later`, async () => {
    const runner = open(1);
    const running = runner.run(readLayerTar, { open: stalled }, never);
    const waiting = runner.run(readLayerTar, { open: () => assert.fail('opened') }, never);
    const settled = Promise.allSettled([running, waiting]);
    await new Promise((resolve) => setTimeout(resolve, 100));
    await runner[Symbol.asyncDispose]();
    for (const result of await settled) {
      assert.equal(result.status, 'rejected');
      assert.equal((result.reason as { code: string }).code, 'WORKER_FAILED');
    }
    await assert.rejects(runner.run(readLayerTar, { open: () => inChunks() }, never), { code: 'WORKER_FAILED' });
  });

  for (const [what, end] of [
    ['that is aborted', (_: LayerRunner, stop: AbortController) => stop.abort()],
    ['of a reader that is disposed', (runner: LayerRunner) => runner[Symbol.asyncDispose]()],
  ] as const) {
    test(`${name} refuses a layer ${what} before it is known where its bytes are`, async () => {
      using folder = temporaryDirectory();
      const range = { fd: openSync(folder.write('layer', layerTar), 'r'), offset: 0, length: layerTar.length };
      const stop = new AbortController();
      await using runner = open(1);
      const asked = Promise.withResolvers<void>();
      const found = Promise.withResolvers<typeof range>();
      const locate = (): Promise<typeof range> => {
        asked.resolve();
        return found.promise;
      };
      const running = runner.run(readLayerTar, { locate, open: () => assert.fail('opened') }, stop.signal);
      const refused = assert.rejects(running, { name: what === 'that is aborted' ? 'AbortError' : 'ScanError' });
      await asked.promise;
      await end(runner, stop);
      // A thread is gone by then.
      await sleep(200);
      found.resolve(range);
      await refused;
    });
  }
}
