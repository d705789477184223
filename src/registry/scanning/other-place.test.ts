import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import test from 'node:test';
import { apkDatabase, osRelease } from '../../../testing/package-files.ts';
import { openScanWorld, type ScanWorld } from '../../../testing/scanning/scan-world.ts';
import { sharedWorkers as workers } from '../../../testing/scanning/shared-workers.ts';
import { shiftedClock } from '../../../testing/scanning/shifted-clock.ts';
import { makeAdvisory, makeAffected } from '../../../testing/vulnerability-database.ts';
import type { Digest } from '../../oci/digest.ts';
import { localOrigin } from '../content/local-origin.ts';
import type { Content } from '../content/content.ts';
import { RegistryError } from '../error.ts';
import type { Origin } from '../pipeline/origin.ts';
import { scanningLimits } from './limits.ts';
import type { ScanStatus } from './scan-queue.ts';

/*
 * An image is scanned once, wherever it lies. So what one upstream sends in its name must say nothing about the image of another.
 */

const noise = { name: 'noise', body: randomBytes(4_000_000) };
const base = [noise, osRelease('alpine', '3.19.1'), apkDatabase({ musl: '1.2.4-r2', zlib: '1.3-r0' })];
const advisory = makeAdvisory({ id: 'CVE-2026-0001', affected: [makeAffected('Alpine:v3.19 zlib', ['0 1.3-r1'])] });

/** In place of layers, an upstream named `evil` sends what it likes, and their digest shows it in the end. */
const lying =
  (send: (signal: AbortSignal | undefined) => AsyncGenerator<Uint8Array>) =>
  (content: Content): Origin => {
    const local = localOrigin(content);
    return {
      ...local,
      async findBlob(repository, digest, signal) {
        const found = await local.findBlob(repository, digest, signal);
        if (repository !== 'evil' || found.size < 100_000) return found;
        const open = async (): ReturnType<typeof found.open> => {
          const opened = await found.open();
          return {
            size: opened.size,
            async *read(range, stop) {
              if (range === undefined) yield* send(stop);
              throw new RegistryError('UNAVAILABLE', 'What came has another digest', { status: 502 });
            },
            [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
          };
        };
        return { ...found, isStored: false, open };
      },
    };
  };

async function codeOf({ content }: ScanWorld): Promise<string | undefined> {
  return (await content.database.get<{ code: string }>('SELECT code FROM scans'))?.code;
}

const lies: readonly (readonly [what: string, send: (signal?: AbortSignal) => AsyncGenerator<Uint8Array>])[] = [
  [
    'what is no layer, so that nobody reads on',
    async function* (signal) {
      // Whoever reads on gets the rest of it in a while.
      for (let at = 0; at < 40 && signal?.aborted !== true; at += 1) {
        yield Buffer.alloc(65_536, 'y');
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    },
  ],
  ['nothing', async function* () {}],
];

for (const [what, send] of lies) {
  test(`an upstream that sends ${what} says nothing of an image, and keeps nobody from it elsewhere`, async () => {
    await using world = await openScanWorld({ workers, origin: lying(send) });
    await world.know([advisory]);
    const digest: Digest = await world.push('evil', [base]);
    assert.equal(await world.push('team/app', [base]), digest);
    const { queue } = world.scanning;
    await queue.request(digest, 'evil', 'client');
    for (let look = 0; look < 500 && (await codeOf(world)) !== 'CONTENT_UNAVAILABLE'; look += 1)
      await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(await codeOf(world), 'CONTENT_UNAVAILABLE');
    assert.equal((await queue.find(digest)).kind, 'pending');
    await queue.request(digest, 'team/app', 'client');
    const status = await queue.wait(digest, AbortSignal.timeout(20_000));
    assert.ok(status.kind === 'known', JSON.stringify(status));
    assert.equal(status.evidence.isIncomplete, false);
    assert.deepEqual(
      status.evidence.findings?.map(({ id }) => id),
      ['CVE-2026-0001'],
    );
  });
}

test('an image whose content could not be had is tried again a minute later when somebody asks, and is known once it can be', async () => {
  const clock = shiftedClock();
  let isAway = true;
  await using world = await openScanWorld({
    clock,
    workers,
    origin: (content) => {
      const local = localOrigin(content);
      return {
        ...local,
        findBlob: (...asked) =>
          isAway ? Promise.reject(new RegistryError('UNAVAILABLE', 'The upstream is away')) : local.findBlob(...asked),
      };
    },
  });
  await world.know([advisory]);
  const digest = await world.push('app', [base]);
  const { queue } = world.scanning;
  const ask = (): Promise<ScanStatus> => queue.request(digest, 'app', 'client');
  let status = await ask();
  for (let look = 0; look < 200 && status.kind !== 'failed'; look += 1) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    clock.ahead += 5000;
    status = await ask();
  }
  assert.ok(status.kind === 'failed' && status.code === 'CONTENT_UNAVAILABLE', JSON.stringify(status));
  isAway = false;
  // Until then, nobody who asks again and again makes it be asked for.
  assert.equal((await ask()).kind, 'failed');
  clock.ahead += scanningLimits.unavailableTime;
  assert.equal((await ask()).kind, 'pending');
  const known = await queue.wait(digest, AbortSignal.timeout(20_000));
  assert.ok(known.kind === 'known', JSON.stringify(known));
  assert.deepEqual(
    known.evidence.findings?.map(({ id }) => id),
    ['CVE-2026-0001'],
  );
});
