import assert from 'node:assert/strict';
import { test } from 'node:test';
import { storeArtifact, storeIndexOf, type TestArtifact } from '../../../testing/registry/attached.ts';
import type { Fault } from '../../../testing/registry/fault.ts';
import { instantClock } from '../../../testing/registry/instant-clock.ts';
import { startTestRegistry } from '../../../testing/registry/test-registry.ts';
import { openNetwork } from '../../net/open-network.ts';
import { RegistryClient } from '../../oci/client/registry-client.ts';
import type { Digest } from '../../oci/digest.ts';
import { fallbackTag } from '../../oci/referrer.ts';
import { findBundles, readBundles } from './bundles.ts';
import { readReferrers } from './read-referrers.ts';

const repository = 'team/app';
const subject = `sha256:${'ab'.repeat(32)}` as Digest;
const bundleType = 'application/vnd.dev.sigstore.bundle.v0.3+json';
const bytes = Buffer.from('{"a bundle":"is not read here"}');
const clock = { clock: instantClock() };

function bundle(more: Partial<TestArtifact> = {}, mediaType: string = bundleType): TestArtifact {
  return { artifactType: mediaType, layers: [{ mediaType, bytes }], subject, ...more };
}

test('findBundles() gives the bytes of a bundle, and what its manifest says of it', async () => {
  for (const referrers of [true, false]) {
    await using registry = await startTestRegistry({ referrers });
    await using network = openNetwork(clock);
    const annotations = {
      'dev.sigstore.bundle.content': 'dsse-envelope',
      'dev.sigstore.bundle.predicateType': 'https://example.com/p',
      'org.opencontainers.image.created': '2026-01-02T03:04:05Z',
    };
    const manifest = storeArtifact(registry.store, repository, bundle({ annotations }));
    const note = storeArtifact(registry.store, repository, { artifactType: 'a/b', layers: [], subject });
    // As go-containerregistry lists them: the type of the config for that of the artifact.
    const listed = [manifest, note].map((one) => ({ ...one, artifactType: 'application/vnd.oci.empty.v1+json' }));
    storeIndexOf(registry.store, repository, fallbackTag(subject), listed);
    const client = new RegistryClient(network, registry.host);
    const { bundles, others, problems } = await findBundles({ client, repository }, subject);
    const { manifests } = await readReferrers({ client, repository }, subject);
    assert.deepEqual(await readBundles({ client, repository }, manifests), { bundles, others, problems });
    assert.deepEqual(problems, []);
    assert.deepEqual(
      others.map(({ descriptor, artifactType }) => [descriptor, artifactType]),
      [[note, 'a/b']],
    );
    const [found] = bundles;
    assert.equal(bundles.length, 1);
    assert.deepEqual(found?.bytes, bytes);
    assert.deepEqual(found?.manifest, manifest);
    assert.deepEqual({ ...found?.annotations }, annotations);
    assert.deepEqual([found?.content, found?.predicateType, found?.created], Object.values(annotations));
  }
});

test('findBundles() takes a bundle by its layer alone, from version 0.3 on', async (t) => {
  for (const [title, artifact, outcome] of [
    ['version 0.3', bundle(), 'bundle'],
    ['version 0.3 in the older spelling', bundle({}, 'application/vnd.dev.sigstore.bundle+json;version=0.3'), 'bundle'],
    ['a later version', bundle({}, 'application/vnd.dev.sigstore.bundle.v1.0+json'), 'bundle'],
    ['no artifact type', { layers: [{ mediaType: bundleType, bytes }], subject }, 'bundle'],
    ['another artifact type', bundle({ artifactType: 'a/b' }), 'bundle'],
    ['version 0.2', bundle({}, 'application/vnd.dev.sigstore.bundle+json;version=0.2'), 'BUNDLE_UNSUPPORTED'],
    ['a type with a tail', bundle({}, `${bundleType}EVIL`), 'BUNDLE_UNSUPPORTED'],
    ['no version', bundle({}, 'application/vnd.dev.sigstore.bundle+json'), 'BUNDLE_UNSUPPORTED'],
    [
      'two layers',
      bundle({
        layers: [
          { mediaType: bundleType, bytes },
          { mediaType: 'a/b', bytes },
        ],
      }),
      'BUNDLE_UNSUPPORTED',
    ],
    ['no layer', bundle({ layers: [] }), 'BUNDLE_UNSUPPORTED'],
    [
      'a bundle that is not the first layer',
      bundle({
        artifactType: 'a/b',
        layers: [
          { mediaType: 'a/b', bytes },
          { mediaType: bundleType, bytes },
        ],
      }),
      'BUNDLE_UNSUPPORTED',
    ],
    ['another artifact', bundle({ artifactType: 'a/b', layers: [{ mediaType: 'a/b', bytes }] }), 'other'],
    ['10 GB', bundle({ layers: [{ mediaType: bundleType, bytes, size: 10_000_000_000 }] }), 'BUNDLE_UNREADABLE'],
    ['another size', bundle({ layers: [{ mediaType: bundleType, bytes, size: 5 }] }), 'BUNDLE_UNREADABLE'],
    [
      'a blob that is gone',
      bundle({ layers: [{ mediaType: bundleType, bytes, digest: `sha256:${'00'.repeat(32)}` }] }),
      'BUNDLE_UNREADABLE',
    ],
  ] as const) {
    await t.test(title, async () => {
      await using registry = await startTestRegistry();
      await using network = openNetwork(clock);
      const { digest } = storeArtifact(registry.store, repository, artifact);
      const client = new RegistryClient(network, registry.host);
      const { bundles, others, problems } = await findBundles({ client, repository }, subject);
      const outcomes = [
        ...bundles.map(() => 'bundle'),
        ...others.map(() => 'other'),
        ...problems.map(({ code }) => code),
      ];
      assert.deepEqual(outcomes, [outcome]);
      const asked = registry.requests.some(({ path }) => path.includes('/blobs/'));
      assert.equal(asked, outcome === 'bundle' || (outcome === 'BUNDLE_UNREADABLE' && title !== '10 GB'));
      for (const problem of problems) assert.equal(problem.subject, digest);
    });
  }
});

test('findBundles() takes nothing that is attached to another digest, whatever the list says', async () => {
  await using registry = await startTestRegistry({ referrers: false });
  await using network = openNetwork(clock);
  const { store } = registry;
  const listed = [
    storeArtifact(store, repository, bundle({ subject: `sha256:${'cd'.repeat(32)}` })),
    storeArtifact(store, repository, { artifactType: bundleType, layers: [{ mediaType: bundleType, bytes }] }),
    { mediaType: 'application/vnd.oci.image.manifest.v1+json', digest: `sha256:${'ef'.repeat(32)}`, size: 10 },
    { ...storeArtifact(store, repository, bundle()), size: 11 },
    { ...storeArtifact(store, repository, bundle({ annotations: { a: 'b' } })), size: 5_000_000 },
  ];
  storeIndexOf(store, repository, fallbackTag(subject), listed);
  const client = new RegistryClient(network, registry.host);
  const { bundles, problems } = await findBundles({ client, repository }, subject);
  assert.deepEqual(bundles, []);
  assert.deepEqual(
    problems.map(({ code }) => code),
    [
      'REFERRER_MANIFEST_INVALID',
      'REFERRER_MANIFEST_INVALID',
      'REFERRER_IMAGE_NOT_FOUND',
      'REFERRER_SIZE_MISMATCH',
      'REFERRER_LIMIT_EXCEEDED',
    ],
  );
  assert.deepEqual(
    problems.map(({ subject: about }) => about),
    listed.map(({ digest }) => digest),
  );
});

test('findBundles() takes a swapped manifest or bundle for a problem', async (t) => {
  for (const [path, code] of [
    ['/manifests/sha256:', 'REFERRER_DIGEST_MISMATCH'],
    ['/blobs/', 'BUNDLE_UNREADABLE'],
  ] as const) {
    await t.test(path, async () => {
      await using registry = await startTestRegistry({ faults: [{ kind: 'wrong-bytes', path }] });
      await using network = openNetwork(clock);
      storeArtifact(registry.store, repository, bundle());
      const client = new RegistryClient(network, registry.host);
      const { bundles, problems } = await findBundles({ client, repository }, subject);
      assert.deepEqual([bundles, problems.map((problem) => problem.code)], [[], [code]]);
    });
  }
});

test('findBundles() never says that there are none where it could not look', async (t) => {
  const places = {
    list: '/referrers/',
    tag: `/manifests/${fallbackTag(subject)}`,
    manifest: '/manifests/sha256:',
    bundle: '/blobs/',
  };
  for (const [place, path] of Object.entries(places)) {
    for (const fault of [
      { kind: 'status', path, status: 429 },
      { kind: 'status', path, status: 500 },
      { kind: 'status', path, status: 401 },
      { kind: 'status', path, status: 403 },
      { kind: 'drop', path },
      { kind: 'drip', path, bytes: 1, everyMs: 20 },
    ] satisfies Fault[]) {
      await t.test(`${place}: ${fault.kind} ${'status' in fault ? fault.status : ''}`, async () => {
        await using registry = await startTestRegistry({ faults: [fault] });
        const limits = { headersMs: 300, idleMs: 300, speedWindowMs: 100, minBytesPerSecond: 512 };
        await using network = openNetwork({ ...clock, limits });
        const { store } = registry;
        const manifest = storeArtifact(store, repository, bundle());
        storeIndexOf(store, repository, fallbackTag(subject), [manifest]);
        const client = new RegistryClient(network, registry.host);
        const refusal = { name: 'SigningError', code: 'SIGNATURES_UNAVAILABLE' };
        await assert.rejects(findBundles({ client, repository }, subject), refusal);
      });
    }
  }
});

test('findBundles() says so when it may not ask at all', async () => {
  await using network = openNetwork({ offline: true });
  const client = new RegistryClient(network, 'registry.example');
  const refusal = { name: 'SigningError', code: 'SIGNATURES_UNAVAILABLE' };
  await assert.rejects(findBundles({ client, repository }, subject), refusal);
  const stopped = new Error('stopped');
  const look = findBundles({ client, repository }, subject, { signal: AbortSignal.abort(stopped) });
  await assert.rejects(
    look,
    (error) => error === stopped || (error as { code?: string }).code === 'SIGNATURES_UNAVAILABLE',
  );
});

test('findBundles() gives up more than a thousand referrers, and more bytes than it holds', async () => {
  await using registry = await startTestRegistry({ referrers: false });
  await using network = openNetwork(clock);
  const client = new RegistryClient(network, registry.host);
  const mediaType = 'application/vnd.oci.image.manifest.v1+json';
  const entry = (at: number, size: number): object => ({
    mediaType,
    digest: `sha256:${at.toString(16).padStart(64, '0')}`,
    size,
  });
  const refusal = { name: 'SigningError', code: 'LIMIT_EXCEEDED' };
  for (const entries of [
    Array.from({ length: 1001 }, (_, at) => entry(at, 10)),
    Array.from({ length: 20 }, (_, at) => entry(at, 4_000_000)),
  ]) {
    storeIndexOf(registry.store, repository, fallbackTag(subject), entries);
    await assert.rejects(findBundles({ client, repository }, subject), refusal);
  }
  const layer = { mediaType: bundleType, bytes, size: 100_000_000 };
  const large = [1, 2, 3].map((at) =>
    storeArtifact(registry.store, repository, bundle({ layers: [layer], annotations: { at: String(at) } })),
  );
  storeIndexOf(registry.store, repository, fallbackTag(subject), large);
  await assert.rejects(findBundles({ client, repository }, subject), refusal);
  assert.ok(!registry.requests.some(({ path }) => path.includes('/blobs/')));
});
