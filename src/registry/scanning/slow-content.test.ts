import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import test, { describe } from 'node:test';
import { apkDatabase, osRelease } from '../../../testing/package-files.ts';
import { openScanWorld, type ScanWorld } from '../../../testing/scanning/scan-world.ts';
import { sharedWorkers as workers } from '../../../testing/scanning/shared-workers.ts';
import { type ShiftedClock, shiftedClock } from '../../../testing/scanning/shifted-clock.ts';
import { makeAdvisory, makeAffected } from '../../../testing/vulnerability-database.ts';
import { systemClock } from '../../net/clock.ts';
import type { Digest } from '../../oci/digest.ts';
import { localOrigin } from '../content/local-origin.ts';
import type { Content } from '../content/content.ts';
import type { Origin } from '../pipeline/origin.ts';
import { postponeScan } from '../../store/metadata/scans.ts';
import { EvidenceCache } from './evidence-cache.ts';
import { scanningLimits } from './limits.ts';
import { ScanQueue } from './scan-queue.ts';

/*
 * One process scans, and an upstream named `slow` stalls or drips in the middle of a layer: whoever wants something else must not wait for it.
 */

const large = [
  { name: 'noise', body: randomBytes(1_200_000) },
  osRelease('alpine', '3.19.1'),
  apkDatabase({ musl: '1.2.4-r2' }),
];
const advisory = makeAdvisory({ id: 'CVE-2026-0001', affected: [makeAffected('Alpine:v3.19 musl', ['0 1.2.4-r3'])] });
const small = [osRelease('alpine', '3.19.1'), apkDatabase({ zlib: '1.3-r0' })];

/** What a test lets the upstream do. */
interface Tap {
  /** All that comes of it, from now on. */
  open: () => void;
  readonly opened: Promise<void>;
  /** Times that a layer was begun. */
  begun: number;
  /** What is said of layers that are on their way already. */
  slowFor?: number;
  /** Whether layers come into a file that the process which scans may read. */
  readonly lends: boolean;
}

function makeTap(lends: boolean): Tap {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { open: resolve, opened: promise, begun: 0, lends };
}

/** How many bytes of a layer have come, as they come. */
async function* coming(size: number, tap: Tap, drips: boolean, stop: AbortSignal | undefined): AsyncGenerator<number> {
  tap.begun += 1;
  let at = Math.floor(size / 2);
  let isOpen = false;
  void tap.opened.then(() => (isOpen = true));
  yield at;
  for (; drips && !isOpen && at < size; at += 1) {
    yield at;
    await Promise.race([tap.opened, pause(5), aborted(stop)]);
  }
  await Promise.race([tap.opened, aborted(stop)]);
  yield size;
}

/** Layers of `slow` come up to their middle, then byte for byte where it drips, and whole when the tap is opened. */
const slowly =
  (tap: Tap, drips: boolean) =>
  (content: Content): Origin => {
    const local = localOrigin(content);
    return {
      ...local,
      async findBlob(repository, digest, signal) {
        const found = await local.findBlob(repository === 'slow' ? 'upstream' : repository, digest, signal);
        if (repository !== 'slow' || found.size < 100_000) return found;
        const open = async (): ReturnType<typeof found.open> => {
          const blob = await found.open();
          const { size, file } = blob;
          return {
            size,
            async *read(range, stop) {
              const bytes: Uint8Array[] = [];
              for await (const chunk of blob.read(range, stop)) bytes.push(Buffer.from(chunk));
              const whole = Buffer.concat(bytes);
              let told = 0;
              for await (const at of coming(size, tap, drips, stop)) yield whole.subarray(told, (told = at));
            },
            ...(file !== undefined && tap.lends
              ? { file: { ...file, arrivals: (stop: AbortSignal) => coming(size, tap, drips, stop) } }
              : {}),
            [Symbol.asyncDispose]: () => blob[Symbol.asyncDispose](),
          };
        };
        return { ...found, isStored: false, open, ...(tap.slowFor === undefined ? {} : { slowFor: tap.slowFor }) };
      },
    };
  };

/** Pushes the image that the upstream has; of its blobs, none has come yet. */
async function pushSlow(world: ScanWorld): Promise<Digest> {
  await world.push('upstream', [small]);
  await world.know([advisory]);
  const digest = await world.push('slow', [large]);
  const id = (name: string): string => `(SELECT id FROM repositories WHERE name = '${name}')`;
  await world.content.database.run(
    `UPDATE repository_blobs SET repository = ${id('upstream')} WHERE repository = ${id('slow')}`,
  );
  return digest;
}

const pause = (time: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, time));

function aborted(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    if (signal?.aborted === true) reject(signal.reason as Error);
    signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
}

/** How fast content comes is looked at often. */
function hastyClock(): ShiftedClock {
  const clock = shiftedClock();
  clock.sleep = (time, signal) => systemClock.sleep(time === scanningLimits.paceTime ? 60 : time, signal);
  return clock;
}

interface Row {
  readonly state: string;
  readonly code: string | null;
  readonly attempts: number;
}

const rowOf = ({ content }: ScanWorld, digest: Digest): Promise<Row | undefined> =>
  content.database.get<{ state: string; code: string | null; attempts: number }>(
    'SELECT state, code, attempts FROM scans WHERE digest = ?',
    digest,
  );

async function until(what: () => boolean | Promise<boolean>): Promise<void> {
  for (let look = 0; look < 500; look += 1) {
    if (await what()) return;
    await pause(20);
  }
  assert.fail('it does not come about');
}

const patience = (): AbortSignal => AbortSignal.timeout(20_000);

for (const lends of [false, true]) {
  describe(lends ? 'with files that are lent' : 'with bytes that are sent', () => {
    for (const [how, drips] of [
      ['stalls', false],
      ['drips', true],
    ] as const) {
      test(`an upstream that ${how} in a layer keeps nobody from other images, and its image is scanned when it has come`, async () => {
        const tap = makeTap(lends);
        const clock = hastyClock();
        await using world = await openScanWorld({ clock, workers, origin: slowly(tap, drips) });
        const { queue } = world.scanning;
        const slow = await pushSlow(world);
        const other = await world.push('app', [small]);
        await queue.request(slow, 'slow', 'client');
        await until(() => tap.begun > 0);
        await queue.request(other, 'app', 'client');
        assert.equal((await queue.wait(other, patience())).kind, 'known');
        // It costs the image none of its attempts, and it is not refused.
        await until(async () => (await rowOf(world, slow))?.state === 'waiting');
        assert.deepEqual({ ...(await rowOf(world, slow)) }, { state: 'waiting', code: 'CONTENT_SLOW', attempts: 0 });
        assert.equal((await queue.find(slow)).kind, 'pending');
        tap.open();
        clock.ahead += scanningLimits.slowDelay;
        const status = await queue.wait(slow, patience());
        assert.ok(status.kind === 'known', JSON.stringify(status));
        assert.deepEqual(
          status.evidence.findings?.map(({ id }) => id),
          ['CVE-2026-0001'],
        );
        assert.ok(tap.begun > 1);
      });
    }

    test('a slow image is read on where nobody else waits, and where what waits may not begin yet', async () => {
      const tap = makeTap(lends);
      await using world = await openScanWorld({ clock: hastyClock(), workers, origin: slowly(tap, false) });
      const { queue } = world.scanning;
      const slow = await pushSlow(world);
      const later = await world.push('app', [small]);
      await world.content.database.run(
        `INSERT INTO scans (digest, state, attempts, claims, updated_at, repository, retry_at) VALUES (?, 'waiting', 1, 1, 0, 'app', ?)`,
        later,
        Date.now() + 600_000,
      );
      await queue.request(slow, 'slow', 'client');
      await until(() => tap.begun > 0);
      await pause(400);
      assert.equal((await rowOf(world, slow))?.state, 'running');
      tap.open();
      assert.equal((await queue.wait(slow, patience())).kind, 'known');
      assert.equal(tap.begun, 1);
    });

    test('an image of which nothing has come for long takes no process before others have had their turn', async () => {
      for (const [slowFor, begun] of [
        [scanningLimits.paceTime, 0],
        [scanningLimits.paceTime - 1, 1],
      ] as const) {
        const tap: Tap = { ...makeTap(lends), slowFor };
        await using world = await openScanWorld({ clock: hastyClock(), workers, origin: slowly(tap, false) });
        const { queue } = world.scanning;
        const slow = await pushSlow(world);
        const other = await world.push('app', [small]);
        // In one transaction, so that the second one waits when the first one is begun.
        await world.content.database.transaction(async (queries) => {
          await queue.requestWithin(queries, slow, 'slow', 'client');
          await queue.requestWithin(queries, other, 'app', 'push');
        });
        await queue.request(slow, 'slow', 'client');
        assert.equal((await queue.wait(other, patience())).kind, 'known');
        assert.equal(tap.begun, begun);
        assert.equal((await rowOf(world, slow))?.code, 'CONTENT_SLOW');
        assert.equal((await rowOf(world, slow))?.attempts, 0);
        tap.open();
      }
    });

    test('an image of which another process says that it stalls takes no process before others have had their turn', async () => {
      for (const postponed of [true, false]) {
        const tap = makeTap(lends);
        await using world = await openScanWorld({ clock: hastyClock(), workers, origin: slowly(tap, false) });
        const { queue } = world.scanning;
        const slow = await pushSlow(world);
        const other = await world.push('app', [small]);
        // In one transaction, so that all of it holds when the first one is begun.
        await world.content.database.transaction(async (queries) => {
          await queue.requestWithin(queries, slow, 'slow', 'client');
          await queue.requestWithin(queries, other, 'app', 'push');
          const said = { code: 'CONTENT_SLOW', message: 'it stalls', retryAt: Date.now() + 600_000 };
          if (postponed) assert.ok(await postponeScan(queries, slow, said, 0));
        });
        await queue.request(other, 'app', 'push');
        assert.equal((await queue.wait(other, patience())).kind, 'known');
        assert.equal(tap.begun, postponed ? 0 : 1);
        await until(async () => (await rowOf(world, slow))?.state === 'waiting');
        assert.deepEqual({ ...(await rowOf(world, slow)) }, { state: 'waiting', code: 'CONTENT_SLOW', attempts: 0 });
        tap.open();
      }
    });

    test('ScanQueue.postpone() changes nothing of a scan that is under way', async () => {
      const tap = makeTap(lends);
      await using world = await openScanWorld({ clock: hastyClock(), workers, origin: slowly(tap, false) });
      const { queue } = world.scanning;
      const slow = await pushSlow(world);
      await queue.request(slow, 'slow', 'client');
      await until(() => tap.begun > 0);
      await queue.postpone(slow);
      assert.deepEqual({ ...(await rowOf(world, slow)) }, { state: 'running', code: null, attempts: 1 });
      tap.open();
      assert.equal((await queue.wait(slow, patience())).kind, 'known');
      assert.equal(tap.begun, 1);
    });

    test('of images that all gave way, one is read on', async () => {
      const tap: Tap = { ...makeTap(lends), slowFor: scanningLimits.paceTime };
      await using world = await openScanWorld({ clock: hastyClock(), workers, origin: slowly(tap, false) });
      const { queue } = world.scanning;
      const slow = await pushSlow(world);
      const other = await world.push('app', [small]);
      await world.content.database.run(
        `INSERT INTO scans (digest, state, attempts, claims, updated_at, repository, code) VALUES (?, 'waiting', 0, 1, 0, 'app', 'CONTENT_SLOW')`,
        other,
      );
      await queue.request(slow, 'slow', 'client');
      await until(() => tap.begun > 0);
      tap.open();
    });

    test('an image of a slow upstream is read where it lies whole, from the start or as soon as it does', async () => {
      for (const isThereBefore of [true, false]) {
        const tap = makeTap(lends);
        const clock = hastyClock();
        await using world = await openScanWorld({ clock, workers, origin: slowly(tap, true) });
        const { queue } = world.scanning;
        const digest = await pushSlow(world);
        if (isThereBefore) await world.push('team/app', [large]);
        await queue.request(digest, 'slow', 'client');
        if (!isThereBefore) {
          await until(() => tap.begun > 0);
          assert.equal(await world.push('team/app', [large]), digest);
          await until(async () => (await rowOf(world, digest))?.code === 'CONTENT_SLOW');
          // Whoever asks there does not wait for the delay.
          await queue.request(digest, 'team/app', 'client');
        }
        const status = await queue.wait(digest, patience());
        assert.ok(status.kind === 'known', JSON.stringify(status));
        assert.equal(tap.begun, isThereBefore ? 0 : 1);
      }
    });
  });
}

test('images that nobody has tried yet are scanned before those that gave way, whoever asks for them again', async () => {
  await using world = await openScanWorld({ workers });
  const { database } = world.content;
  const added: { readonly digest: unknown; readonly at: number }[] = [];
  const queue = new ScanQueue({
    database,
    evidence: new EvidenceCache(database),
    clock: systemClock,
    jobs: {
      async addWithin(_queries, _queue, { digest }, options) {
        added.push({ digest, at: options?.runAt ?? 0 });
      },
      wake: () => undefined,
    },
  });
  const slow = await world.push('slow', [large]);
  const fresh = await world.push('app', [small]);
  await database.run(
    `INSERT INTO scans (digest, state, attempts, claims, updated_at, repository, code) VALUES (?, 'waiting', 0, 1, 0, 'slow', 'CONTENT_SLOW')`,
    slow,
  );
  await queue.request(slow, 'slow', 'client');
  await queue.request(fresh, 'app', 'client');
  const order = added.toSorted((a, b) => a.at - b.at).map(({ digest }) => digest);
  assert.deepEqual(order, [fresh, slow]);
});
