import assert from 'node:assert/strict';
import test from 'node:test';
import { buildImage } from '../../../testing/image/image-builder.ts';
import { temporaryDirectory } from '../../../testing/image/temporary-directory.ts';
import { npmPackage, osRelease } from '../../../testing/package-files.ts';
import { openCache } from '../../../testing/registry/own-cache.ts';
import { putBuilt } from '../../../testing/registry/put-built.ts';
import { startTestRegistry } from '../../../testing/registry/test-registry.ts';
import { openScanWorld, type ScanWorld } from '../../../testing/scanning/scan-world.ts';
import { sharedWorkers as workers } from '../../../testing/scanning/shared-workers.ts';
import { makeAdvisory, makeAffected } from '../../../testing/vulnerability-database.ts';
import type { Digest } from '../../oci/digest.ts';
import type { Origin } from '../pipeline/origin.ts';

/* A layer that its publisher keeps, in an image of an upstream that does not give it. */

const image = buildImage({
  layers: [
    { tar: [osRelease('alpine', '3.19.1')] },
    {
      tar: [npmPackage('left-pad', '1.3.0')],
      mediaType: 'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip',
      urls: ['https://publisher.example/layer'],
    },
  ],
});
const { digest } = image.descriptor;
const foreign = image.layers[1]?.digest as Digest;
const repository = 'hub.test/app';

interface Pulled extends AsyncDisposable {
  readonly world: ScanWorld;
}

/** Pulls the image from an upstream that answers for its foreign layer as is said, and asks for its scan. */
async function pull(status: number | undefined, afterwards?: (world: ScanWorld) => Promise<unknown>): Promise<Pulled> {
  await using opened = new AsyncDisposableStack();
  const upstream = opened.use(await startTestRegistry());
  putBuilt(upstream.store, 'app', image, 'v1');
  if (status !== undefined) upstream.faults.add({ kind: 'status', path: `/blobs/${foreign}`, status });
  const folder = opened.use(temporaryDirectory()).path;
  const { upstreams } = openCache({ url: upstream.url }, folder, opened);
  const made: { origin?: Origin } = {};
  const origin = (content: ScanWorld['content']): Origin => (made.origin = upstreams.origin(content));
  const world = opened.use(await openScanWorld({ workers, origin }));
  opened.use(upstreams);
  await world.know([makeAdvisory({ id: 'CVE-2026-0001', affected: [makeAffected('npm left-pad', ['0 1.4.0'])] })]);
  await made.origin?.findManifest({ repository, tag: 'v1' }, () => AbortSignal.timeout(20_000));
  await afterwards?.(world);
  await world.scanning.queue.request(digest, repository, 'client');
  const kept = opened.move();
  return { world, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

/** The code of the first attempt that failed. */
async function failureOf({ content }: ScanWorld): Promise<string | null> {
  for (let look = 0; look < 1000; look += 1) {
    const row = await content.database.get<{ code: string | null }>('SELECT code FROM scans WHERE digest = ?', digest);
    if (row !== undefined && row.code !== null) return row.code;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return null;
}

for (const [what, status, expected] of [
  ['gives it', undefined, { ids: ['CVE-2026-0001'], codes: [] }],
  ['says that it has none', 404, { ids: [], codes: ['LAYER_FOREIGN'] }],
] as const) {
  test(`a foreign layer is known when its upstream ${what}`, async () => {
    await using pulled = await pull(status);
    const known = await pulled.world.scanning.queue.wait(digest, AbortSignal.timeout(30_000));
    assert.ok(known.kind === 'known', JSON.stringify(known));
    const { findings, problems } = known.evidence;
    assert.deepEqual({ ids: findings?.map(({ id }) => id), codes: problems.map(({ code }) => code) }, expected);
  });
}

for (const status of [401, 403, 429, 503]) {
  test(`an image is not judged without its foreign layer when its upstream answers ${status} for that`, async () => {
    await using pulled = await pull(status);
    assert.equal(await failureOf(pulled.world), 'CONTENT_UNAVAILABLE');
    assert.equal((await pulled.world.scanning.queue.find(digest)).kind, 'pending');
  });
}

test('a foreign layer is known of an image that was kept before its name was', async () => {
  // As versions did that passed such layers over.
  await using pulled = await pull(undefined, ({ content }) =>
    content.database.run('DELETE FROM manifest_links WHERE target = ?', foreign),
  );
  const known = await pulled.world.scanning.queue.wait(digest, AbortSignal.timeout(30_000));
  assert.ok(known.kind === 'known', JSON.stringify(known));
  assert.deepEqual(
    known.evidence.findings?.map(({ id }) => id),
    ['CVE-2026-0001'],
  );
});
