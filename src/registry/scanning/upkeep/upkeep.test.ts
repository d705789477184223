import assert from 'node:assert/strict';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildImage } from '../../../../testing/image/image-builder.ts';
import { temporaryDirectory } from '../../../../testing/image/temporary-directory.ts';
import { apkDatabase, osRelease } from '../../../../testing/package-files.ts';
import { openScanWorld, pushImage, type ScanWorld } from '../../../../testing/scanning/scan-world.ts';
import { sharedWorkers as workers } from '../../../../testing/scanning/shared-workers.ts';
import { shiftedClock } from '../../../../testing/scanning/shifted-clock.ts';
import type { Digest } from '../../../oci/digest.ts';
import { removeManifest } from '../../content/delete.ts';
import { noJournal } from '../attach/attach-document.ts';

function imageOf(musl: string): ReturnType<typeof buildImage> {
  return buildImage({ layers: [{ tar: [osRelease('alpine', '3.19.1'), apkDatabase({ musl })] }] });
}

const signatureImage = buildImage({
  layers: [{ tar: [], stored: Buffer.from('{}'), mediaType: 'application/vnd.dev.cosign.simplesigning.v1+json' }],
});

async function stateOf({ content }: ScanWorld, digest: Digest): Promise<string | undefined> {
  return (await content.database.get<{ state: string }>('SELECT state FROM scans WHERE digest = ?', digest))?.state;
}

async function until(check: () => Promise<boolean>): Promise<void> {
  for (let look = 0; look < 500; look += 1) {
    if (await check()) return;
    await sleep(20);
  }
  assert.fail('It did not come to that');
}

test('the scan of a pushed image is asked for in the transaction that keeps it, or not at all', async () => {
  await using world = await openScanWorld({ workers });
  const { content, scanning } = world;
  const failing = pushImage(content, 'app', imageOf('1'), [], async (queries, event) => {
    await scanning.record(queries, event);
    throw new RangeError('no');
  });
  await assert.rejects(failing, RangeError);
  assert.equal((await content.database.all('SELECT id FROM scans')).length, 0);
  assert.equal((await content.database.all("SELECT id FROM job WHERE queue = 'scan'")).length, 0);
  // Nothing else is told of this one.
  const digest = await pushImage(content, 'app', imageOf('2'), [], (queries, event) => scanning.record(queries, event));
  const status = await scanning.queue.wait(digest, AbortSignal.timeout(30_000));
  assert.equal(status.kind, 'known');
});

test('at a start, images are scanned that nobody asked for, and what is known of deleted ones goes', async () => {
  using folder = temporaryDirectory();
  const clock = shiftedClock();
  const options = {
    workers,
    folder: folder.path,
    clock,
    isCached: (repository: string) => repository.startsWith('cached/'),
  };
  const digests = async (): Promise<readonly [Digest, Digest, Digest, Digest]> => {
    await using world = await openScanWorld(options);
    const forgotten = await world.push('app', [[osRelease('alpine', '3.19.1'), apkDatabase({ musl: '1' })]]);
    const cached = await world.push('cached/app', [[osRelease('alpine', '3.19.1'), apkDatabase({ musl: '2' })]]);
    const lost = await world.push('app', [[osRelease('alpine', '3.19.1'), apkDatabase({ musl: '3' })]]);
    const { database } = world.content;
    // As one would be whose job was given up.
    await database.run(
      "INSERT INTO scans (digest, state, attempts, claims, updated_at, repository) VALUES (?, 'waiting', 0, 0, ?, 'app')",
      lost,
      clock.now(),
    );
    const signature = await pushImage(world.content, 'cached/app', signatureImage);
    return [forgotten, cached, lost, signature];
  };
  const [forgotten, cached, lost, signature] = await digests();
  {
    // Right after it was pushed, its scan may still be asked for.
    await using world = await openScanWorld(options);
    const { database } = world.content;
    await until(async () => (await database.get("SELECT id FROM job WHERE key = 'sweep'")) === undefined);
    assert.deepEqual([await stateOf(world, forgotten), await stateOf(world, lost)], [undefined, 'waiting']);
  }
  clock.ahead += 120_000;
  {
    await using world = await openScanWorld(options);
    for (const digest of [forgotten, lost]) await until(async () => (await stateOf(world, digest)) === 'done');
    // Nobody pulls it, and it would count as an image of which nothing is known.
    await until(async () => (await stateOf(world, signature)) === 'failed');
    assert.equal(await stateOf(world, cached), undefined);
    await removeManifest(world.content, 'app', forgotten, noJournal);
  }
  clock.ahead += 2 * 86_400_000;
  await using world = await openScanWorld(options);
  await until(async () => (await stateOf(world, forgotten)) === undefined);
  assert.equal(await stateOf(world, lost), 'done');
  assert.deepEqual(await world.scanning.queue.find(forgotten), { kind: 'absent' });
});
