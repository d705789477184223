import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '../../../testing/image/temporary-directory.ts';
import { storeArtifact, storeIndexOf } from '../../../testing/registry/attached.ts';
import {
  configType,
  everything,
  openStage,
  signature,
  sources,
  targets,
} from '../../../testing/registry/copy-stage.ts';
import type { Fault } from '../../../testing/registry/fault.ts';
import type { TestRegistryOptions } from '../../../testing/registry/test-registry.ts';
import { fallbackTag } from '../../oci/referrer.ts';
import { findAttachments } from './attachments.ts';
import { copyImage } from './copy.ts';
import { loadImage } from './load.ts';
import { saveImage } from './save.ts';
import { attachmentTag } from './tags.ts';

for (const [from, to] of [
  [true, true],
  [true, false],
  [false, true],
  [false, false],
] as const) {
  const name = (api: boolean): string => (api ? 'with the API' : 'without');
  test(`copyImage() brings everything from a registry ${name(from)} to one ${name(to)}`, async () => {
    await using stage = await openStage({ referrers: from }, { referrers: to });
    const { digest, child } = stage;
    const copied = await copyImage(stage.from, 'v1', stage.to, 'v1');
    assert.deepEqual([copied.digest, copied.problems, copied.attachments.length], [digest, [], 6]);
    assert.equal(stage.target.store.manifest(targets, 'v1')?.digest, digest);
    const there = await everything(stage.to, [digest, child]);
    assert.equal(there.length, 6);
    assert.deepEqual(there, await everything(stage.from, [digest, child]));
    const writes = stage.target.requests.filter(({ method }) => method === 'PUT').map(({ path }) => path);
    assert.equal(writes.at(-1), `/v2/${targets}/manifests/v1`);
  });
}

test('copyImage() mounts within a registry, and sends nothing twice', async () => {
  await using stage = await openStage();
  const to = { client: stage.from.client, repository: targets };
  await copyImage(stage.from, 'v1', to, 'v1');
  const { requests } = stage.source;
  assert.ok(!requests.some(({ method, path }) => method === 'GET' && path.includes('/blobs/')));
  const before = requests.length;
  await copyImage(stage.from, 'v1', to, 'v1');
  const bodies = requests.slice(before).filter(({ method, path }) => method !== 'HEAD' && path.includes('/blobs/'));
  assert.deepEqual(bodies, []);
});

test('copyImage() copies one platform of an index, with what is attached to it', async () => {
  await using stage = await openStage();
  const copied = await copyImage(stage.from, 'v1', stage.to, 'arm', {
    platform: { os: 'linux', architecture: 'arm64' },
  });
  assert.equal(copied.digest, stage.child);
  assert.deepEqual(copied.attachments.map(({ kind, form }) => `${kind} ${form}`).sort(), [
    'attestation bundle',
    'sbom referrer',
    'signature tag',
  ]);
  assert.equal(stage.target.store.manifest(targets, stage.digest), undefined);
  const platform = { os: 'linux', architecture: 's390x' };
  await assert.rejects(copyImage(stage.from, 'v1', stage.to, 'z', { platform }), { code: 'PLATFORM_UNAVAILABLE' });
});

test('copyImage() copies only what it is told to, and then sets no tag', async () => {
  await using stage = await openStage();
  const copied = await copyImage(stage.from, 'v1', stage.to, 'v1', { only: ['signature'] });
  assert.deepEqual(copied.attachments.map(({ kind, form }) => `${kind} ${form}`).sort(), [
    'signature bundle',
    'signature tag',
    'signature tag',
  ]);
  assert.equal(stage.target.store.manifest(targets, 'v1'), undefined);
  assert.ok(stage.target.store.manifest(targets, stage.digest) !== undefined);
});

test('copyImage() writes over nothing that it was not told to, and joins signatures', async () => {
  await using stage = await openStage();
  const { store } = stage.target;
  const { digest } = stage;
  storeArtifact(store, targets, { configType, layers: [] }, 'v1');
  await assert.rejects(copyImage(stage.from, 'v1', stage.to, 'v1'), { name: 'OciError', code: 'IMAGE_EXISTS' });
  const tag = attachmentTag(digest, 'signature');
  storeArtifact(store, targets, { configType, layers: [signature('theirs')] }, tag);
  const sbom = attachmentTag(digest, 'sbom');
  storeArtifact(store, targets, { configType, layers: [] }, sbom);
  await assert.rejects(copyImage(stage.from, 'v1', stage.to, 'v2'), { name: 'OciError', code: 'IMAGE_EXISTS' });
  assert.equal(store.manifest(targets, 'v2'), undefined);
  await copyImage(stage.from, 'v1', stage.to, 'v1', { overwrite: true });
  assert.equal(store.manifest(targets, 'v1')?.digest, digest);
  assert.equal(store.manifest(targets, sbom)?.digest, stage.source.store.manifest(sources, sbom)?.digest);
  const { layers } = JSON.parse(Buffer.from(store.manifest(targets, tag)?.bytes ?? []).toString()) as {
    layers: { annotations: Record<string, string> }[];
  };
  assert.deepEqual(
    layers.map(({ annotations }) => Buffer.from(Object.values(annotations)[0] ?? '', 'base64').toString()),
    ['theirs', 'one'],
  );
});

test('copyImage() copies nothing by its tag when something is missing or damaged', async (t) => {
  for (const [title, source, target, code] of [
    ['a damaged layer', { kind: 'wrong-bytes', path: '/blobs/' }, undefined, 'DIGEST_MISMATCH'],
    ['a layer that is cut short', { kind: 'short', path: '/blobs/', after: 3 }, undefined, 'SIZE_MISMATCH'],
    [
      'a list that cannot be read',
      { kind: 'status', path: '/referrers/', status: 500 },
      undefined,
      'SIGNATURES_UNAVAILABLE',
    ],
    [
      'signatures that cannot be read',
      { kind: 'status', path: '.sig', status: 429 },
      undefined,
      'SIGNATURES_UNAVAILABLE',
    ],
    ['a target that forbids it', undefined, { kind: 'status', path: '/blobs/uploads/', status: 403 }, 'DENIED'],
    [
      'a target that is full',
      undefined,
      { kind: 'status', path: '/manifests/', method: 'PUT', status: 507 },
      'REGISTRY_UNAVAILABLE',
    ],
  ] satisfies (readonly [string, Fault | undefined, Fault | undefined, string])[]) {
    await t.test(title, async () => {
      const faults = (fault: Fault | undefined): TestRegistryOptions =>
        fault === undefined ? {} : { faults: [fault] };
      await using stage = await openStage(faults(source), faults(target));
      await assert.rejects(copyImage(stage.from, 'v1', stage.to, 'v1'), { code });
      if (target === undefined) assert.equal(stage.target.store.manifest(targets, 'v1'), undefined);
    });
  }
});

test('copyImage() tells of attachments that it could not copy', async () => {
  await using stage = await openStage({ referrers: false });
  const gone = {
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    digest: `sha256:${'00'.repeat(32)}`,
    size: 2,
  };
  storeIndexOf(stage.source.store, sources, fallbackTag(stage.digest), [gone]);
  const { problems } = await copyImage(stage.from, 'v1', stage.to, 'v1');
  assert.deepEqual(
    problems.map(({ code, subject }) => [code, subject]),
    [['REFERRER_IMAGE_NOT_FOUND', gone.digest]],
  );
});

test('copyImage() and saveImage() find attachments that are kept in another repository', async () => {
  await using stage = await openStage();
  const { source, from, to, digest } = stage;
  const apart = { ...from, repository: 'team/signatures' };
  const signatures = { configType, layers: [signature('apart')] };
  const { digest: theirs } = storeArtifact(
    source.store,
    apart.repository,
    signatures,
    attachmentTag(digest, 'signature'),
  );
  const copied = await copyImage(from, 'v1', to, 'v1', { attachments: apart });
  assert.deepEqual(
    copied.attachments.map(({ descriptor }) => descriptor.digest),
    [theirs],
  );
  const { attachments } = await findAttachments(to, digest);
  assert.deepEqual(
    attachments.map((one) => one.descriptor.digest),
    [theirs],
  );
  using folder = temporaryDirectory();
  await saveImage(from, 'v1', join(folder.path, 'layout'), { attachments: apart });
  await loadImage(join(folder.path, 'layout'), { ...to, repository: 'loaded/app' }, 'v1');
  assert.equal((await findAttachments({ ...to, repository: 'loaded/app' }, digest)).attachments.length, 1);
});
