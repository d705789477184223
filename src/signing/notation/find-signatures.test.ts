import assert from 'node:assert/strict';
import { test } from 'node:test';
import { storeArtifact, storeIndexOf, type TestArtifact } from '../../../testing/registry/attached.ts';
import { makeSyntheticImage, storeImage } from '../../../testing/registry/synthetic-image.ts';
import { sha256 } from '../../../testing/registry/store.ts';
import {
  startTestRegistry,
  type TestRegistry,
  type TestRegistryOptions,
} from '../../../testing/registry/test-registry.ts';
import { openNetwork } from '../../net/open-network.ts';
import { RegistryClient } from '../../oci/client/registry-client.ts';
import { parseDigest } from '../../oci/digest.ts';
import { SigningError } from '../error.ts';
import { type AttachedEnvelopes, findSignatures } from './find-signatures.ts';
import { notationLimits } from './limits.ts';

const repository = 'app';
const notationType = 'application/vnd.cncf.notary.signature';
const layer = (text = 'envelope'): TestArtifact['layers'][number] => ({
  mediaType: 'application/jose+json',
  bytes: Buffer.from(text),
});
const signature = (subject: string, ...layers: TestArtifact['layers']): TestArtifact => ({
  configType: notationType,
  subject,
  layers,
});

async function find(
  fill: (registry: TestRegistry, digest: string) => void,
  { most, ...options }: TestRegistryOptions & { readonly most?: number } = {},
): Promise<AttachedEnvelopes & { readonly requests: readonly string[] }> {
  await using registry = await startTestRegistry(options);
  await using network = openNetwork();
  const digest = storeImage(registry.store, repository, '1', makeSyntheticImage([{ a: 'a' }]));
  fill(registry, digest);
  const client = new RegistryClient(network, registry.host);
  const found = await findSignatures({ client, repository }, parseDigest(digest), most);
  return { ...found, requests: registry.requests.map(({ path }) => path) };
}

const codes = ({ problems }: AttachedEnvelopes): readonly string[] => problems.map(({ code }) => code);
const texts = ({ envelopes }: AttachedEnvelopes): readonly string[] => envelopes.map(({ bytes }) => bytes.toString());

test('signatures are found by the type of their config or their own, with the API and by the tag', async () => {
  const fill = ({ store }: TestRegistry, digest: string): void => {
    const typed = { artifactType: notationType, subject: digest, layers: [layer('own')] };
    const listed = [
      storeArtifact(store, repository, signature(digest, layer('config'))),
      storeArtifact(store, repository, typed),
      storeArtifact(store, repository, { ...signature(digest, layer('other')), configType: 'application/other' }),
    ];
    storeIndexOf(store, repository, digest.replace(':', '-'), listed);
  };
  for (const referrers of [true, false]) {
    const found = await find(fill, { referrers });
    assert.deepEqual([...texts(found)].sort(), ['config', 'own'], `referrers: ${referrers}`);
    assert.deepEqual(codes(found), []);
    assert.equal(found.envelopes[0]?.mediaType, 'application/jose+json');
  }
});

test('where nothing is attached there is nothing', async () => {
  const found = await find(() => undefined);
  assert.deepEqual([found.envelopes, found.problems], [[], []]);
});

test('what is listed for an image and attached to another is a problem', async () => {
  const found = await find(
    ({ store }, digest) => {
      const stray = storeArtifact(store, repository, signature(sha256(Buffer.from('another')), layer()));
      storeIndexOf(store, repository, digest.replace(':', '-'), [stray]);
    },
    { referrers: false },
  );
  assert.deepEqual(texts(found), []);
  assert.deepEqual(codes(found), ['REFERRER_MANIFEST_INVALID']);
});

test('a signature is exactly one layer', async () => {
  for (const layers of [[], [layer('a'), layer('b')]]) {
    const found = await find(
      ({ store }, digest) => void storeArtifact(store, repository, signature(digest, ...layers)),
    );
    assert.deepEqual([texts(found), codes(found)], [[], ['SIGNATURE_UNREADABLE']]);
  }
});

test('a layer that claims to be large is never asked for', async () => {
  const size = notationLimits.envelopeBytes + 1;
  const found = await find(
    ({ store }, digest) => void storeArtifact(store, repository, signature(digest, { ...layer(), size })),
  );
  assert.deepEqual([texts(found), codes(found)], [[], ['SIGNATURE_UNREADABLE']]);
  assert.ok(!found.requests.some((path) => path.includes('/blobs/')), found.requests.join(' '));
});

test('a layer that is not what its manifest says is a problem, and others are found', async () => {
  const found = await find(({ store }, digest) => {
    storeArtifact(store, repository, signature(digest, { ...layer('short'), size: 4 }));
    storeArtifact(store, repository, signature(digest, { ...layer(), digest: sha256(Buffer.from('gone')) }));
    storeArtifact(store, repository, signature(digest, layer('good')));
  });
  assert.deepEqual(texts(found), ['good']);
  assert.deepEqual(codes(found), ['SIGNATURE_UNREADABLE', 'SIGNATURE_UNREADABLE']);
});

test('no more signatures are looked at than is said, and that there are more is told', async () => {
  const fill =
    (count: number) =>
    ({ store }: TestRegistry, digest: string): void => {
      for (let at = 0; at < count; at += 1) storeArtifact(store, repository, signature(digest, layer(`${at}`)));
    };
  const exact = await find(fill(3), { most: 3 });
  assert.deepEqual([exact.envelopes.length, codes(exact)], [3, []]);
  const more = await find(fill(4), { most: 3 });
  assert.deepEqual([more.envelopes.length, codes(more)], [3, ['SIGNATURES_LEFT']]);
  const usual = await find(fill(notationLimits.signatures + 1));
  assert.deepEqual([usual.envelopes.length, codes(usual)], [notationLimits.signatures, ['SIGNATURES_LEFT']]);
});

test('a registry that does not answer is never one that has nothing', async () => {
  for (const status of [401, 403, 429, 500, 503]) {
    await assert.rejects(
      find(() => undefined, { faults: [{ path: '/referrers/', kind: 'status', status }] }),
      (error) => error instanceof SigningError && error.code === 'SIGNATURES_UNAVAILABLE',
      `${status}`,
    );
  }
  const broken = [{ path: '/blobs/', kind: 'status', status: 500 }] as const;
  await assert.rejects(
    find(({ store }, digest) => void storeArtifact(store, repository, signature(digest, layer())), { faults: broken }),
    (error) => error instanceof SigningError && error.code === 'SIGNATURES_UNAVAILABLE',
  );
});
