import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { buildImage as makeTestImage } from '../../../testing/image/image-builder.ts';
import { dockerArchive, layoutFiles, writeFiles } from '../../../testing/image/image-files.ts';
import { file } from '../../../testing/image/tar-writer.ts';
import { temporaryDirectory } from '../../../testing/image/temporary-directory.ts';
import { LayoutWriter } from '../layout/layout-writer.ts';
import { parseManifest } from '../manifest.ts';
import { openLocalImage } from '../open-local.ts';
import type { Platform } from '../platform.ts';
import { validateImage } from '../validate/validate-image.ts';
import { type BuildContext, buildImage, type BuildRequest } from './build-image.ts';
import type { AddStep, BuiltContent } from './model.ts';
import { storeContent } from './store-content.ts';

const amd64 = { os: 'linux', architecture: 'amd64' };
const arm64 = { os: 'linux', architecture: 'arm64' };

function add(source: string, target: string, more: Partial<AddStep> = {}): AddStep {
  return { kind: 'add', source, target, ...more };
}

function requestOf(changes: Partial<BuildRequest> = {}): BuildRequest {
  return {
    platforms: [],
    defaultPlatform: amd64,
    layers: [{ steps: [add('src', '/srv/app'), { kind: 'directory', target: '/tmp', directoryMode: 0o1777 }] }],
    changes: { env: ['A=1'], labels: {}, exposedPorts: [], volumes: [], entrypoint: ['/srv/app/run'] },
    annotations: {},
    compression: 'gzip',
    time: new Date(0),
    ...changes,
  };
}

/** The same files, made in whatever order, at whatever time, by whoever. */
function writeSource(cwd: string, names: readonly string[], umask: number, time: number): void {
  const before = process.umask(umask);
  try {
    mkdirSync(join(cwd, 'src/lib'), { recursive: true });
    for (const name of names) writeFileSync(join(cwd, 'src', name), `content of ${name}\n`.repeat(1000));
    symlinkSync('lib/ä', join(cwd, 'src/link'));
    chmodSync(join(cwd, 'src/run'), 0o777 & ~umask);
    for (const name of names) utimesSync(join(cwd, 'src', name), time, time);
  } finally {
    process.umask(before);
  }
}

const names = ['run', 'lib/ä', 'lib/a-b', 'lib/Z', `lib/${'long'.repeat(40)}`];

async function digestsOf(content: BuiltContent): Promise<readonly string[]> {
  await using built = content;
  return [built.root.descriptor.digest, ...built.images.flatMap(({ layers }) => layers.map(({ digest }) => digest))];
}

function contextOf(cwd: string, more: Partial<BuildContext> = {}): BuildContext {
  return { cwd, spoolFolder: join(cwd, 'spool'), ...more };
}

test('buildImage() gives this digest on every machine, whoever made the files, when, and in which order', async () => {
  for (const [order, umask, time] of [
    [names, 0o022, 1_700_000_000],
    [names.toReversed(), 0o077, 1_800_000_000],
    [names, 0o002, 0],
  ] as const) {
    using folder = temporaryDirectory();
    writeSource(folder.path, order, umask, time);
    assert.deepEqual(await digestsOf(await buildImage(requestOf(), contextOf(folder.path))), [
      'sha256:5b26dcadc9f8fade8e9449a844797d17f28d95aa962d8f807e259d6cbd04db71',
      'sha256:9046f4ae88c2da0d6cb077a9b054cd91e0ec99b8043567add192644f6dc1a447',
    ]);
    assert.deepEqual(readdirSync(join(folder.path, 'spool')), []);
  }
});

test('buildImage() gives the same digest for steps and labels in another order, and another one for another time', async () => {
  using folder = temporaryDirectory();
  writeSource(folder.path, names, 0o022, 0);
  const context = contextOf(folder.path);
  const [steps] = requestOf().layers;
  const request = requestOf({
    layers: [{ steps: (steps?.steps ?? []).toReversed() }],
    annotations: { b: '2', a: '1' },
  });
  const annotated = requestOf({ annotations: { a: '1', b: '2' } });
  const digests = async (one: BuildRequest) => await digestsOf(await buildImage(one, context));
  const [root, layer] = await digests(annotated);
  const [otherRoot, otherLayer] = await digests(request);
  assert.equal(otherLayer, layer);
  // The history tells the steps in their order.
  assert.notEqual(otherRoot, root);
  const later = await digests({ ...annotated, time: new Date(1_700_000_000_000) });
  assert.notEqual(later[1], layer);
});

async function reopen(
  content: BuiltContent,
  platform: Platform,
  work: (image: Awaited<ReturnType<typeof openLocalImage>>) => void,
): Promise<void> {
  using folder = temporaryDirectory();
  const path = join(folder.path, 'layout');
  {
    await using writer = await LayoutWriter.open(path);
    await storeContent(content, writer);
    await writer.commit([content.root.descriptor]);
  }
  await using image = await openLocalImage(path, { platform, defaultPlatform: platform });
  assert.deepEqual(await validateImage(image), []);
  work(image);
}

test('buildImage() makes an index of images that are whole, and makes what they have in common once', async () => {
  using folder = temporaryDirectory();
  for (const arch of ['amd64', 'arm64']) folder.write(`app-${arch}`, arch);
  folder.write('common', 'common');
  const layers = [
    { steps: [add('common', '/etc/common')] },
    { steps: [add('app-{arch}', '/bin/app', { mode: 0o755 })] },
  ];
  await using content = await buildImage(
    requestOf({ platforms: [amd64, arm64], layers, annotations: { team: 'sea' } }),
    contextOf(folder.path),
  );
  const index = parseManifest(content.root.bytes, content.root.descriptor.mediaType);
  assert.equal(index.kind, 'index');
  assert.deepEqual(index.kind === 'index' ? index.manifests.map(({ platform }) => platform) : [], [amd64, arm64]);
  assert.equal(index.annotations['team'], 'sea');
  const [first, second] = content.images.map((image) => image.layers.map(({ digest }) => digest));
  assert.equal(first?.[0], second?.[0]);
  assert.notEqual(first?.[1], second?.[1]);
  assert.equal(content.blobs.size, 5);
  for (const platform of [amd64, arm64]) {
    await reopen(content, platform, (image) => assert.deepEqual(image.platform, platform));
  }
});

for (const compression of ['gzip', 'zstd', 'none'] as const) {
  test(`buildImage() packs layers with ${compression}, with the same diffID`, async () => {
    using folder = temporaryDirectory();
    folder.write('f', 'x'.repeat(100_000));
    await using content = await buildImage(
      requestOf({ compression, layers: [{ steps: [add('f', '/f')] }] }),
      contextOf(folder.path),
    );
    const suffix = compression === 'none' ? '' : `+${compression}`;
    assert.equal(content.images[0]?.layers[0]?.mediaType, `application/vnd.oci.image.layer.v1.tar${suffix}`);
    await reopen(content, amd64, (image) =>
      assert.deepEqual(image.config.diffIds, [
        'sha256:d917216abff64525f4efc413125eaa2717acfa06c40a1387f2fd0759de6b8cec',
      ]),
    );
  });
}

test('buildImage() puts layers on a base of a layout or an archive, whose own stay as they are', async () => {
  using folder = temporaryDirectory();
  folder.write('f', 'f');
  const base = makeTestImage({
    layers: [{ tar: [file('a', 'a')] }],
    docker: true,
    config: { config: { User: '7', Env: ['X=1'] } },
  });
  writeFiles(join(folder.path, 'layout'), layoutFiles([{ content: base }]));
  folder.write('docker.tar', dockerArchive([{ image: base, repoTags: ['base:1'] }]));
  const stored: string[] = [];
  for (const name of ['layout', 'docker.tar']) {
    await using content = await buildImage(
      requestOf({ layers: [{ steps: [add('f', '/usr/bin/f')] }] }),
      contextOf(folder.path, {
        baseName: 'example.com/base:1',
        openBase: () => openLocalImage(join(folder.path, name), { defaultPlatform: amd64 }),
      }),
    );
    const manifest = parseManifest(content.root.bytes);
    assert.equal(manifest.annotations['org.opencontainers.image.base.name'], 'example.com/base:1');
    assert.equal(
      manifest.annotations['org.opencontainers.image.base.digest'],
      name === 'layout' ? base.descriptor.digest : undefined,
    );
    await reopen(content, amd64, (image) => {
      assert.deepEqual([image.config.user, image.config.env], ['7', ['X=1', 'A=1']]);
      assert.equal(image.config.diffIds[0], base.diffIds[0]);
      const [below, own] = image.layers;
      if (name === 'layout') assert.equal(below?.descriptor?.digest, base.layers[0]?.digest);
      assert.match(below?.descriptor?.mediaType ?? '', /^application\/vnd\.oci\.image\.layer\.v1\.tar/);
      stored.push(own?.descriptor?.digest ?? '');
    });
  }
  assert.equal(stored[0], stored[1]);
  assert.deepEqual(readdirSync(join(folder.path, 'spool')), []);
});

test('buildImage() refuses what makes no image, and leaves nothing behind', async () => {
  using folder = temporaryDirectory();
  folder.write('f', 'f');
  const context = contextOf(folder.path);
  await assert.rejects(buildImage(requestOf({ platforms: [amd64, amd64] }), context), { code: 'BUILD_INVALID' });
  const many = Array.from({ length: 129 }, () => ({ steps: [] }));
  await assert.rejects(buildImage(requestOf({ layers: many }), context), { code: 'BUILD_INVALID' });
  const layers = [{ steps: [add('f', '/f')] }, { steps: [add('none', '/g')] }];
  await assert.rejects(buildImage(requestOf({ layers }), context), { code: 'INPUT_UNREADABLE' });
  await assert.rejects(
    buildImage(requestOf(), { ...context, signal: AbortSignal.abort(new Error('enough')) }),
    /enough|no .*src/,
  );
  assert.deepEqual(readdirSync(join(folder.path, 'spool')), []);
});
