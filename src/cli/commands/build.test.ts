import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { buildImage } from '../../../testing/image/image-builder.ts';
import { layoutFiles, writeFiles } from '../../../testing/image/image-files.ts';
import { file } from '../../../testing/image/tar-writer.ts';
import { temporaryDirectory } from '../../../testing/image/temporary-directory.ts';
import { plainHost, plainSettings } from '../../../testing/plain-host.ts';
import { makeSyntheticImage, storeImage } from '../../../testing/registry/synthetic-image.ts';
import { startTestRegistry } from '../../../testing/registry/test-registry.ts';
import { openRegistryImage } from '../../oci/client/open-registry-image.ts';
import type { Image } from '../../oci/image.ts';
import { openLocalImage } from '../../oci/open-local.ts';
import { parseReference } from '../../oci/reference.ts';
import { validateImage } from '../../oci/validate/validate-image.ts';
import { openNetwork } from '../../net/open-network.ts';
import type { BuildFlags } from '../build/flags.ts';
import type { Settings } from '../config/settings.ts';
import { buildCommand } from './build.ts';

const amd64 = { os: 'linux', architecture: 'amd64' };
const noFlags: BuildFlags = {
  from: 'scratch',
  add: [],
  mkdir: [],
  env: [],
  label: [],
  annotation: [],
  expose: [],
  volume: [],
  platform: [],
  compression: 'gzip',
  output: [],
  tag: [],
};

async function build(
  cwd: string,
  flags: Partial<BuildFlags>,
  settings: Partial<Settings> = {},
  env: Readonly<Record<string, string>> = {},
) {
  const { host, out, err } = plainHost(cwd, { env });
  const resolved = plainSettings({ cacheDir: join(cwd, 'cache'), ...settings });
  const status = await buildCommand({ ...noFlags, ...flags }, resolved, host);
  return { status, out: out(), err: err() };
}

function workFolder() {
  const folder = temporaryDirectory();
  mkdirSync(join(folder.path, 'src'));
  folder.write('src/app', 'the program');
  folder.write('app-arm64', 'another program');
  folder.write('app-amd64', 'a program');
  return folder;
}

const add = ['src:/srv'];

test('build writes layouts and archives that are whole, and tells the digest', async () => {
  using folder = workFolder();
  const output = ['oci-dir:a/layout', 'oci-archive:oci.tar', 'docker-archive:docker.tar', 'layout:second'];
  const told = await build(folder.path, { add, output, tag: ['app:1.4', 'app:latest'], digestFile: 'digest' });
  assert.match(told.out, /^sha256:[0-9a-f]{64}\n$/);
  assert.equal(told.err, `Built an image of 1 layer for linux/amd64: ${output.join(', ')}\n`);
  assert.equal(readFileSync(join(folder.path, 'digest'), 'utf8'), told.out);
  for (const name of ['a/layout', 'oci.tar', 'docker.tar', 'second']) {
    await using image = await openLocalImage(`${join(folder.path, name)}:app:1.4`, { defaultPlatform: amd64 });
    assert.equal(`${image.manifestDigest}\n`, told.out);
    assert.deepEqual(await validateImage(image), []);
    assert.ok(image.repoTags.includes('app:1.4'), image.repoTags.join());
  }
  assert.deepEqual(readdirSync(join(folder.path, 'cache/spool')), []);
});

test('build adds to a layout, and takes the place of the image of its name alone', async () => {
  using folder = workFolder();
  const output = ['oci-dir:layout'];
  const first = await build(folder.path, { add, output, tag: ['1'] });
  await build(folder.path, { add, output, tag: ['2'] });
  const changed = await build(folder.path, { add, output, tag: ['2'], env: ['A=1'] });
  assert.notEqual(changed.out, first.out);
  const { manifests } = JSON.parse(readFileSync(join(folder.path, 'layout/index.json'), 'utf8')) as {
    manifests: { digest: string; annotations: Record<string, string> }[];
  };
  assert.deepEqual(
    manifests.map(({ digest, annotations }) => `${annotations['org.opencontainers.image.ref.name']} ${digest}\n`),
    [`1 ${first.out}`, `2 ${changed.out}`],
  );
});

test('build --json tells all that was made, for each platform', async () => {
  using folder = workFolder();
  const { out } = await build(folder.path, {
    add: ['app-{arch}:/app'],
    platform: ['linux/amd64,linux/arm64'],
    output: ['oci-archive:a.tar'],
    json: true,
    revision: 'c0ffee',
    annotation: ['team=sea'],
  });
  const { images, mediaType, outputs } = JSON.parse(out) as Record<string, { platform: string; layers: unknown[] }[]>;
  assert.deepEqual(
    images?.map(({ platform, layers }) => [platform, layers.length]),
    [
      ['linux/amd64', 1],
      ['linux/arm64', 1],
    ],
  );
  assert.equal(mediaType, 'application/vnd.oci.image.index.v1+json');
  assert.deepEqual(outputs, ['oci-archive:a.tar']);
  await using image = await openLocalImage(join(folder.path, 'a.tar'), {
    platform: { os: 'linux', architecture: 'arm64' },
    defaultPlatform: amd64,
  });
  assert.equal(image.platform.architecture, 'arm64');
});

async function pulled(name: string): Promise<Image> {
  const network = openNetwork({ userAgent: 'test', offline: false });
  return await openRegistryImage(network, parseReference(name), { defaultPlatform: amd64 });
}

test('build --push mounts the layers of a base in the same registry, and never fetches them', async () => {
  using folder = workFolder();
  await using registry = await startTestRegistry();
  const base = makeSyntheticImage([{ base: 'base' }]);
  storeImage(registry.store, 'base/os', '1', base);
  const { host } = registry;
  const told = await build(folder.path, {
    from: `${host}/base/os:1`,
    add,
    push: `${host}/team/app:1.4`,
    tag: ['latest'],
    cmd: '/srv/app --port 80',
    user: '65532:65532',
  });
  assert.match(told.out, new RegExp(`^${host}/team/app@sha256:[0-9a-f]{64}\n$`));
  const layerDigest = JSON.parse(Buffer.from(base.manifest).toString()).layers[0].digest as string;
  const fetched = registry.requests.filter(({ method, path }) => method === 'GET' && path.includes(layerDigest));
  assert.deepEqual(fetched, []);
  assert.ok(
    registry.requests.some(
      ({ method, path }) => method === 'POST' && path.includes(`mount=${encodeURIComponent(layerDigest)}`),
    ),
  );
  for (const tag of ['1.4', 'latest']) {
    await using image = await pulled(`${host}/team/app:${tag}`);
    assert.deepEqual(await validateImage(image), []);
    assert.equal(`${host}/team/app@${image.manifestDigest}\n`, told.out);
    assert.equal(image.config.user, '65532:65532');
    assert.equal(image.layers.length, 2);
  }
  const manifest = JSON.parse(Buffer.from(registry.store.manifest('team/app', '1.4')?.bytes ?? []).toString()) as {
    annotations?: Record<string, string>;
  };
  assert.equal(manifest.annotations?.['org.opencontainers.image.base.name'], `${host}/base/os:1`);
});

test('build copies the layers of a base from another registry, and shows no tag when one of them is not what it should be', async () => {
  using folder = workFolder();
  await using source = await startTestRegistry();
  await using target = await startTestRegistry();
  storeImage(source.store, 'base/os', '1', makeSyntheticImage([{ base: 'base' }]));
  const push = `${target.host}/team/app:1`;
  const flags = { from: `${source.host}/base/os:1`, add };
  await build(folder.path, { ...flags, push, output: ['oci-dir:layout'] });
  await using image = await pulled(push);
  assert.deepEqual(await validateImage(image), []);
  await using local = await openLocalImage(join(folder.path, 'layout'), { defaultPlatform: amd64 });
  assert.equal(local.manifestDigest, image.manifestDigest);
  assert.deepEqual(await validateImage(local), []);

  const broken = makeSyntheticImage([{ base: 'broken' }]);
  storeImage(source.store, 'base/os', '2', broken);
  const [{ digest }] = (JSON.parse(Buffer.from(broken.manifest).toString()) as { layers: [{ digest: string }] }).layers;
  source.store.deleteBlob('base/os', digest);
  for (const more of [
    { push: `${target.host}/team/app:2` },
    { output: ['oci-dir:none'] },
    { output: ['oci-archive:none.tar'] },
  ]) {
    await assert.rejects(build(folder.path, { ...flags, from: `${source.host}/base/os:2`, ...more }), {
      code: 'BLOB_UNKNOWN',
    });
  }
  assert.equal(target.store.manifest('team/app', '2'), undefined);
  assert.deepEqual(
    readdirSync(folder.path).filter((name) => /none|tmp/.test(name)),
    [],
  );
});

test('build tells of steps that a base wants done, and obeys SOURCE_DATE_EPOCH', async () => {
  using folder = workFolder();
  const config = { config: { OnBuild: ['RUN something'] } };
  const base = buildImage({ layers: [{ tar: [file('a', 'a')] }], config });
  writeFiles(join(folder.path, 'base'), layoutFiles([{ content: base }]));
  for (const [from, output] of [
    ['oci-dir:base', 'oci-dir:one'],
    ['oci-dir:one', 'oci-dir:two'],
  ] as const) {
    const { err } = await build(folder.path, { from, mkdir: ['/data'], output: [output] });
    assert.equal(err.includes('ONBUILD'), from === 'oci-dir:base', err);
  }
  const dated = { output: ['oci-dir:dated'], add };
  const env = { SOURCE_DATE_EPOCH: '1700000000' };
  const told = await build(folder.path, dated, {}, env);
  assert.equal((await build(folder.path, dated, {}, env)).out, told.out);
  await using image = await openLocalImage(join(folder.path, 'dated'), { defaultPlatform: amd64 });
  assert.equal(image.config.created, '2023-11-14T22:13:20Z');
  await assert.rejects(build(folder.path, dated, {}, { SOURCE_DATE_EPOCH: 'now' }), { code: 'SIGNING_CONFIG_INVALID' });
});

const mistakes: readonly (readonly [title: string, flags: Partial<BuildFlags>, error: object])[] = [
  ['nowhere to go', { add }, { code: 'SETTING_INVALID', message: /where the image goes/ }],
  ['an output of no kind', { add, output: ['./out'] }, { code: 'SETTING_INVALID', message: /oci-dir:DIR/ }],
  ['an output without a path', { add, output: ['oci-dir:'] }, { code: 'SETTING_INVALID' }],
  ['one place twice', { add, output: ['oci-dir:o', 'layout:./o'] }, { code: 'SETTING_INVALID', message: /twice/ }],
  ['a digest to push to', { add, push: `app@sha256:${'0'.repeat(64)}` }, { code: 'SETTING_INVALID' }],
  [
    'a foreign tag',
    { add, push: 'a.example/app', tag: ['b.example/app:1'] },
    { code: 'SETTING_INVALID', message: /tags alone/ },
  ],
  [
    'a bare tag for Docker',
    { add, output: ['docker-archive:o'], tag: ['v1'] },
    { code: 'SETTING_INVALID', message: /app:v1/ },
  ],
  [
    'two platforms for Docker',
    { add, output: ['docker-archive:o'], platform: ['linux/amd64,linux/arm64'] },
    { code: 'BUILD_INVALID' },
  ],
  ['nothing on nothing', { output: ['oci-dir:o'] }, { code: 'BUILD_INVALID', message: /--add/ }],
  ['a platform that is none', { add, output: ['oci-dir:o'], platform: ['arm64'] }, { code: 'PLATFORM_INVALID' }],
  [
    'a base of a daemon',
    { add, output: ['oci-dir:o'], from: 'docker:app' },
    { code: 'SETTING_INVALID', message: /archive first/ },
  ],
  ['a base that is not there', { add, output: ['oci-dir:o'], from: 'oci-dir:none' }, { code: 'IMAGE_NOT_FOUND' }],
  ['a source that is not there', { add: ['none:/x'], output: ['oci-dir:o'] }, { code: 'INPUT_UNREADABLE' }],
  ['another compression', { add, output: ['oci-dir:o'], compression: 'xz' }, { code: 'BUILD_INVALID' }],
  ['an entrypoint that is no list', { add, output: ['oci-dir:o'], entrypoint: '["a", 1]' }, { code: 'BUILD_INVALID' }],
  ['a list that does not end', { add, output: ['oci-dir:o'], cmd: '["a"' }, { code: 'BUILD_INVALID' }],
  [
    'a variable without a value',
    { add, output: ['oci-dir:o'], env: ['TOKEN'] },
    { code: 'BUILD_INVALID', message: /^--env takes KEY=VALUE(?!.*TOKEN)/ },
  ],
  ['a port that is none', { add, output: ['oci-dir:o'], expose: ['70000'] }, { code: 'BUILD_INVALID' }],
  ['ports the wrong way round', { add, output: ['oci-dir:o'], expose: ['90-80'] }, { code: 'BUILD_INVALID' }],
  ['a relative folder to work in', { add, output: ['oci-dir:o'], workdir: 'srv' }, { code: 'BUILD_INVALID' }],
  ['a user with blanks', { add, output: ['oci-dir:o'], user: 'a b' }, { code: 'BUILD_INVALID' }],
  ['a signal that is none', { add, output: ['oci-dir:o'], stopSignal: 'now' }, { code: 'BUILD_INVALID' }],
];

for (const [title, flags, error] of mistakes) {
  test(`build refuses ${title}, and writes nothing`, async () => {
    using folder = workFolder();
    const before = readdirSync(folder.path);
    await assert.rejects(build(folder.path, flags), error);
    assert.deepEqual(
      readdirSync(folder.path).filter((name) => name !== 'cache'),
      before,
    );
  });
}
