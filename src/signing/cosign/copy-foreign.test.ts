import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { buildImage, type BuiltImage } from '../../../testing/image/image-builder.ts';
import { file } from '../../../testing/image/tar-writer.ts';
import { temporaryDirectory } from '../../../testing/image/temporary-directory.ts';
import { instantClock } from '../../../testing/registry/instant-clock.ts';
import { startTestRegistry, type TestRegistry } from '../../../testing/registry/test-registry.ts';
import { openNetwork } from '../../net/open-network.ts';
import { RegistryClient } from '../../oci/client/registry-client.ts';
import type { RemoteRepository } from '../../oci/client/remote-repository.ts';
import type { Digest } from '../../oci/digest.ts';
import { openLayoutFolder } from '../../oci/layout/layout-folder.ts';
import { copyImage } from './copy.ts';
import { loadImage } from './load.ts';
import { saveImage } from './save.ts';

const mediaType = 'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip';
const built = buildImage({
  layers: [
    { tar: [file('base', 'base')], mediaType, urls: ['https://publisher.example/base'] },
    { tar: [file('app', 'app')] },
  ],
});
const [foreign, own] = built.layers.map(({ digest }) => digest) as [Digest, Digest];
const repository = 'team/app';

interface Stage extends AsyncDisposable {
  readonly source: TestRegistry;
  readonly target: TestRegistry;
  readonly from: RemoteRepository;
  readonly to: RemoteRepository;
}

async function openStage(has: boolean): Promise<Stage> {
  const stack = new AsyncDisposableStack();
  const [source, target] = [stack.use(await startTestRegistry()), stack.use(await startTestRegistry())];
  const network = stack.use(openNetwork({ clock: instantClock() }));
  store(source, built, has);
  return {
    source,
    target,
    from: { client: new RegistryClient(network, source.host), repository },
    to: { client: new RegistryClient(network, target.host), repository },
    [Symbol.asyncDispose]: async () => await stack.disposeAsync(),
  };
}

function store({ store: there }: TestRegistry, { descriptor, blobs }: BuiltImage, has: boolean): void {
  for (const [digest, bytes] of blobs) if (has || digest !== foreign) there.putBlob(repository, bytes);
  there.putManifest(repository, 'v1', descriptor.mediaType, blobs.get(descriptor.digest) as Buffer);
}

for (const has of [true, false]) {
  const title = has ? 'brings a foreign layer that the source has' : 'leaves out a foreign layer, and tells so';
  const leftOut = has ? [] : [foreign];

  test(`copyImage() ${title}`, async () => {
    await using stage = await openStage(has);
    const copied = await copyImage(stage.from, 'v1', stage.to, 'v1');
    assert.deepEqual([copied.leftOut.map(({ digest }) => digest), copied.problems], [leftOut, []]);
    const bytes = stage.target.store.blob(repository, foreign);
    assert.deepEqual(bytes && Buffer.from(bytes), has ? built.blobs.get(foreign) : undefined);
    assert.ok(stage.target.store.blob(repository, own) !== undefined);
    assert.equal(stage.target.store.manifest(repository, 'v1')?.digest, built.descriptor.digest);
    // Nothing is begun that cannot be ended.
    const begun = stage.target.requests.filter(({ method }) => method === 'POST');
    assert.equal(begun.length, has ? 3 : 2);
  });

  test(`saveImage() and loadImage() ${title}`, async () => {
    using folder = temporaryDirectory();
    await using stage = await openStage(has);
    const layout = join(folder.path, 'layout');
    const saved = await saveImage(stage.from, 'v1', layout);
    assert.deepEqual(
      saved.leftOut.map(({ digest }) => digest),
      leftOut,
    );
    assert.equal(openLayoutFolder(layout).sizeOf(foreign), has ? built.blobs.get(foreign)?.length : undefined);
    const loaded = await loadImage(layout, stage.to, 'v1');
    assert.deepEqual(
      loaded.leftOut.map(({ digest }) => digest),
      leftOut,
    );
    assert.equal(stage.target.store.blob(repository, foreign) !== undefined, has);
  });
}

test('copyImage() brings a foreign layer for an image that came without it before', async () => {
  await using stage = await openStage(false);
  await copyImage(stage.from, 'v1', stage.to, 'v1');
  stage.source.store.putBlob(repository, built.blobs.get(foreign) as Buffer);
  const { leftOut } = await copyImage(stage.from, 'v1', stage.to, 'v1');
  assert.deepEqual(leftOut, []);
  assert.ok(stage.target.store.blob(repository, foreign) !== undefined);
});

test('copyImage() does not take a foreign layer that it could not ask for as one that is not there', async (t) => {
  for (const [status, code] of [
    [401, 'UNAUTHORIZED'],
    [403, 'DENIED'],
    [429, 'RATE_LIMITED'],
    [503, 'REGISTRY_UNAVAILABLE'],
  ] as const) {
    await t.test(String(status), async () => {
      await using stage = await openStage(true);
      stage.source.faults.add({ kind: 'status', path: `/blobs/${foreign}`, status });
      await assert.rejects(copyImage(stage.from, 'v1', stage.to, 'v1'), { code });
      assert.equal(stage.target.store.manifest(repository, 'v1'), undefined);
    });
  }
});

test('copyImage() reads where HEAD does not tell whether a foreign layer is there', async (t) => {
  for (const has of [true, false]) {
    await t.test(has ? 'there' : 'not there', async () => {
      await using stage = await openStage(has);
      stage.source.faults.add({ kind: 'status', path: `/blobs/${foreign}`, method: 'HEAD', status: 405 });
      const { leftOut } = await copyImage(stage.from, 'v1', stage.to, 'v1');
      assert.equal(leftOut.length, has ? 0 : 1);
      assert.equal(stage.target.store.blob(repository, foreign) !== undefined, has);
    });
  }
});
