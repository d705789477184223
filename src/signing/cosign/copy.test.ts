import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '../../../testing/image/temporary-directory.ts';
import { storeArtifact, storeIndexOf } from '../../../testing/registry/attached.ts';
import type { Fault } from '../../../testing/registry/fault.ts';
import { instantClock } from '../../../testing/registry/instant-clock.ts';
import type { RegistryStore } from '../../../testing/registry/store.ts';
import { makeSyntheticImage, storeIndex } from '../../../testing/registry/synthetic-image.ts';
import {
  startTestRegistry,
  type TestRegistry,
  type TestRegistryOptions,
} from '../../../testing/registry/test-registry.ts';
import type { Network } from '../../net/network.ts';
import { openNetwork } from '../../net/open-network.ts';
import { RegistryClient } from '../../oci/client/registry-client.ts';
import type { RemoteRepository } from '../../oci/client/remote-repository.ts';
import type { Digest } from '../../oci/digest.ts';
import { fallbackTag } from '../../oci/referrer.ts';
import { findAttachments } from './attachments.ts';
import { cleanAttachments, type CleanType } from './clean.ts';
import { copyImage } from './copy.ts';
import { findAllAttachments } from './find-all.ts';
import { loadImage } from './load.ts';
import { simpleSigningMediaType } from './media-types.ts';
import { saveImage } from './save.ts';
import { attachmentTag } from './tags.ts';

const clock = { clock: instantClock() };
const bundleType = 'application/vnd.dev.sigstore.bundle.v0.3+json';
const configType = 'application/vnd.oci.image.config.v1+json';
const sources = 'team/app';
const targets = 'copy/app';

interface Stage extends AsyncDisposable {
  readonly source: TestRegistry;
  readonly target: TestRegistry;
  readonly from: RemoteRepository;
  readonly to: RemoteRepository;
  readonly network: Network;
  readonly digest: Digest;
  readonly child: Digest;
}

/** A source with an index that has everything attached that there is, and an empty target. */
async function openStage(source: TestRegistryOptions = {}, target: TestRegistryOptions = {}): Promise<Stage> {
  const stack = new AsyncDisposableStack();
  const registries = [stack.use(await startTestRegistry(source)), stack.use(await startTestRegistry(target))] as const;
  const network = stack.use(openNetwork(clock));
  const [first, second] = registries;
  const images = { amd64: makeSyntheticImage([{ a: 'a' }]), arm64: makeSyntheticImage([{ a: 'a' }], 'arm64') };
  const digest = storeIndex(first.store, sources, 'v1', images) as Digest;
  const child = first.store.manifest(sources, 'v1-arm64')?.digest as Digest;
  attachAll(first.store, digest, child);
  return {
    source: first,
    target: second,
    from: { client: new RegistryClient(network, first.host), repository: sources },
    to: { client: new RegistryClient(network, second.host), repository: targets },
    network,
    digest,
    child,
    [Symbol.asyncDispose]: async () => await stack.disposeAsync(),
  };
}

function signature(text: string): { mediaType: string; bytes: Buffer; annotations: Record<string, string> } {
  const annotations = { 'dev.cosignproject.cosign/signature': Buffer.from(text).toString('base64') };
  return { mediaType: simpleSigningMediaType, bytes: Buffer.from('{}'), annotations };
}

function attachAll(store: RegistryStore, digest: Digest, child: Digest): void {
  storeArtifact(store, sources, { configType, layers: [signature('one')] }, attachmentTag(digest, 'signature'));
  storeArtifact(store, sources, { configType, layers: [signature('two')] }, attachmentTag(child, 'signature'));
  const layers = [{ mediaType: 'text/spdx+json', bytes: Buffer.from('{"spdx":1}') }];
  storeArtifact(store, sources, { configType, layers }, attachmentTag(digest, 'sbom'));
  const bundle = { mediaType: bundleType, bytes: Buffer.from('{"bundle":1}') };
  const annotations = { 'dev.sigstore.bundle.predicateType': 'https://sigstore.dev/cosign/sign/v1' };
  const one = storeArtifact(store, sources, {
    artifactType: bundleType,
    layers: [bundle],
    subject: digest,
    annotations,
  });
  const sbom = storeArtifact(store, sources, { artifactType: 'application/spdx+json', layers, subject: child });
  // A signature of the SBOM.
  const nested = storeArtifact(store, sources, { artifactType: bundleType, layers: [bundle], subject: sbom.digest });
  for (const [subject, entry] of [
    [digest, one],
    [child, sbom],
    [sbom.digest as Digest, nested],
  ] as const) {
    storeIndexOf(store, sources, fallbackTag(subject), [entry]);
  }
}

async function everything(remote: RemoteRepository, subjects: readonly Digest[]): Promise<readonly string[]> {
  const { attachments, problems } = await findAllAttachments(remote, subjects);
  assert.deepEqual(problems, []);
  return attachments
    .map(({ kind, form, descriptor, subject }) => `${kind} ${form} ${descriptor.digest} of ${subject}`)
    .sort();
}

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

  test(`saveImage() and loadImage() bring everything from a registry ${name(from)} to one ${name(to)}`, async () => {
    using folder = temporaryDirectory();
    await using stage = await openStage({ referrers: from }, { referrers: to });
    const { digest, child } = stage;
    const layout = join(folder.path, 'layout');
    await saveImage(stage.from, 'v1', layout);
    assert.deepEqual(readdirSync(folder.path), ['layout']);
    const loaded = await loadImage(layout, stage.to, 'v1');
    assert.deepEqual([loaded.digest, loaded.attachments.length], [digest, 6]);
    assert.deepEqual(await everything(stage.to, [digest, child]), await everything(stage.from, [digest, child]));
    assert.equal(stage.target.store.manifest(targets, 'v1')?.digest, digest);
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

test('saveImage() leaves nothing behind when it fails, and nothing else alone', async () => {
  using folder = temporaryDirectory();
  await using stage = await openStage({ faults: [{ kind: 'wrong-bytes', path: '/blobs/', times: 1 }] });
  const layout = join(folder.path, 'layout');
  await assert.rejects(saveImage(stage.from, 'v1', layout), { code: 'DIGEST_MISMATCH' });
  assert.deepEqual(readdirSync(folder.path), []);
  mkdirSync(layout);
  writeFileSync(join(layout, 'mine'), 'mine');
  await assert.rejects(saveImage(stage.from, 'v1', layout), { code: 'LAYOUT_INVALID' });
  assert.deepEqual(readdirSync(layout), ['mine']);
  const other = join(folder.path, 'deep', 'er');
  await saveImage(stage.from, 'v1', other);
  const first = readFileSync(join(other, 'index.json'), 'utf8');
  await saveImage(stage.from, 'v1-amd64', other);
  const second = readFileSync(join(other, 'index.json'), 'utf8');
  assert.notEqual(first, second);
  assert.deepEqual(
    readdirSync(other, { recursive: true }).filter((name) => String(name).endsWith('.tmp')),
    [],
  );
});

test('loadImage() trusts nothing in the folder', async (t) => {
  using folder = temporaryDirectory();
  await using stage = await openStage();
  const layout = join(folder.path, 'layout');
  await saveImage(stage.from, 'v1', layout);
  const index = join(layout, 'index.json');
  const whole = readFileSync(index, 'utf8');
  const { manifests } = JSON.parse(whole) as { manifests: { digest: string; annotations?: Record<string, string> }[] };
  const entries = (change: unknown[]): string => JSON.stringify({ schemaVersion: 2, manifests: change });
  const blob = (digest: string): string => join(layout, 'blobs', 'sha256', digest.slice(7));
  for (const [title, text, code] of [
    ['no image', entries(manifests.slice(1)), 'IMAGE_NOT_FOUND'],
    ['two images', entries([manifests[0], ...manifests]), 'IMAGE_AMBIGUOUS'],
    [
      'a digest that is a path',
      whole.replaceAll(manifests[0]?.digest ?? '', 'sha256:../../../etc/passwd'),
      'LAYOUT_INVALID',
    ],
    ['no JSON', '{', 'LAYOUT_INVALID'],
    ['an image that is not there', entries([{ ...manifests[0], digest: `sha256:${'00'.repeat(32)}` }]), 'BLOB_UNKNOWN'],
  ] as const) {
    await t.test(title, async () => {
      writeFileSync(index, text);
      await assert.rejects(loadImage(layout, stage.to, 'v1'), { code });
    });
  }
  writeFileSync(index, whole);
  await t.test('a damaged layer', async () => {
    const path = blob(JSON.parse(readFileSync(blob(stage.child), 'utf8')).layers[0].digest as string);
    const bytes = readFileSync(path);
    writeFileSync(path, Buffer.alloc(bytes.length));
    await assert.rejects(loadImage(layout, stage.to, 'v1'), { code: 'DIGEST_MISMATCH' });
    writeFileSync(path, bytes);
  });
  assert.equal(stage.target.store.manifest(targets, 'v1'), undefined);
  assert.ok(existsSync(index));
});

for (const [type, left] of [
  ['signature', ['sbom tag']],
  ['sbom', ['signature bundle', 'signature tag']],
  ['attestation', ['sbom tag', 'signature bundle', 'signature tag']],
  ['referrer', ['sbom tag', 'signature tag']],
  ['all', []],
] satisfies (readonly [CleanType, readonly string[]])[]) {
  test(`cleanAttachments() removes ${type} and leaves the rest`, async () => {
    for (const options of [{}, { referrers: false }, { referrers: false, deletion: 'digest' }] as const) {
      await using stage = await openStage(options);
      await cleanAttachments(stage.from, stage.digest, type);
      const { attachments, problems } = await findAttachments(stage.from, stage.digest);
      assert.deepEqual(problems, []);
      assert.deepEqual(attachments.map(({ kind, form }) => `${kind} ${form}`).sort(), left);
      assert.equal(stage.source.store.manifest(sources, 'v1')?.digest, stage.digest);
    }
  });
}

test('cleanAttachments() removes what hangs on what it removes, and takes lost entries off the list', async () => {
  await using stage = await openStage({ referrers: false });
  const { store } = stage.source;
  const { removed } = await cleanAttachments(stage.from, stage.child, 'all');
  assert.deepEqual(
    removed.map(({ kind, form }) => `${kind} ${form}`),
    ['signature tag', 'sbom referrer', 'attestation bundle'],
  );
  const gone = {
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    digest: `sha256:${'00'.repeat(32)}`,
    size: 2,
  };
  storeIndexOf(store, sources, fallbackTag(stage.child), [gone]);
  const cleaned = await cleanAttachments(stage.from, stage.child, 'all');
  assert.deepEqual(
    cleaned.problems.map(({ code }) => code),
    ['REFERRER_IMAGE_NOT_FOUND'],
  );
  assert.equal(store.manifest(sources, fallbackTag(stage.child)), undefined);
});

test('cleanAttachments() says so when the registry deletes nothing', async () => {
  await using stage = await openStage({ deletion: 'none' });
  await assert.rejects(cleanAttachments(stage.from, stage.digest, 'all'), {
    name: 'OciError',
    code: 'DELETE_UNSUPPORTED',
  });
});

test('findAllAttachments() follows no chain without end', async () => {
  await using registry = await startTestRegistry();
  await using network = openNetwork(clock);
  const remote = { client: new RegistryClient(network, registry.host), repository: sources };
  const first = `sha256:${'ab'.repeat(32)}` as Digest;
  let subject: string = first;
  for (let depth = 0; depth < 6; depth += 1) {
    subject = storeArtifact(registry.store, sources, { artifactType: 'a/b', layers: [], subject }).digest;
  }
  await assert.rejects(findAllAttachments(remote, [first]), { name: 'SigningError', code: 'LIMIT_EXCEEDED' });
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
