import assert from 'node:assert/strict';
import test from 'node:test';
import { beginDownload, readSome } from '../../../testing/registry/begun-download.ts';
import { forwardClock } from '../../../testing/registry/forward-clock.ts';
import { temporaryDirectory } from '../../../testing/image/temporary-directory.ts';
import { openCache, putImage } from '../../../testing/registry/own-cache.ts';
import { startOwnRegistry } from '../../../testing/registry/own-registry.ts';
import { startTestRegistry } from '../../../testing/registry/test-registry.ts';
import type { Origin } from '../pipeline/origin.ts';
import { isDigest } from '../../oci/digest.ts';

test('Origin.findBlob tells for how long nothing came of a blob that is on its way, and nothing of others', async () => {
  await using upstream = await startTestRegistry();
  const size = 9_000_000;
  const digest = putImage(upstream.store, 'team/app', 'v1', [size]).layers[0]?.digest ?? '';
  assert.ok(isDigest(digest));
  const { promise: event, resolve: goOn } = Promise.withResolvers<void>();
  upstream.faults.add({ kind: 'until', path: digest, after: 7_000_000, event });
  await using opened = new AsyncDisposableStack();
  const folder = opened.use(temporaryDirectory()).path;
  const clock = forwardClock();
  const { upstreams } = openCache({ url: upstream.url, clock }, folder, opened);
  let origin: Origin | undefined;
  const own = await startOwnRegistry({
    folder,
    rename: upstreams.rename,
    origin: (content) => (origin = upstreams.origin(content)),
  });
  opened.use(own);
  opened.use(upstreams);
  const repository = 'hub.test/team/app';
  const slowFor = async (): Promise<number | undefined> => {
    const found = await origin?.findBlob(repository, digest, () => AbortSignal.timeout(10_000));
    return found?.slowFor;
  };
  assert.equal((await own.ask('GET', `${repository}/manifests/v1`)).status, 200);
  assert.equal(await slowFor(), undefined);
  const answer = await beginDownload(`${own.url}/v2/${repository}/blobs/${digest}`);
  const start = await readSome(answer, 6_900_000);
  assert.ok(((await slowFor()) ?? 60_000) < 60_000);
  clock.ahead += 60_000;
  assert.ok(((await slowFor()) ?? 0) >= 60_000);
  goOn();
  await readSome(answer, size - start.length);
  assert.equal(await slowFor(), undefined);
});
