import assert from 'node:assert/strict';
import { test } from 'node:test';
import { storeArtifact, storeIndexOf, type TestLayer } from '../../../testing/registry/attached.ts';
import type { Fault } from '../../../testing/registry/fault.ts';
import { instantClock } from '../../../testing/registry/instant-clock.ts';
import { startTestRegistry } from '../../../testing/registry/test-registry.ts';
import { openNetwork } from '../../net/open-network.ts';
import { RegistryClient } from '../../oci/client/registry-client.ts';
import type { Digest } from '../../oci/digest.ts';
import { findAttachments } from './attachments.ts';
import { fetchSbom } from './fetch-sbom.ts';
import { findLegacySignatures, readLegacyReferrers } from './legacy-signatures.ts';
import { envelopeMediaType, inTotoType, legacySignatureType, simpleSigningMediaType } from './media-types.ts';
import { readReferrers } from './read-referrers.ts';
import { attachmentTag } from './tags.ts';

const repository = 'team/app';
const digest = `sha256:${'ab'.repeat(32)}` as Digest;
const tag = attachmentTag(digest, 'signature');
const clock = { clock: instantClock() };
const configType = 'application/vnd.oci.image.config.v1+json';
const envelope = Buffer.from('{"payloadType":"a","payload":"","signatures":[{"sig":"AAEC"}]}');

function signature(text: string, more: Partial<TestLayer> = {}): TestLayer {
  const annotations = { 'dev.cosignproject.cosign/signature': 'AAEC' };
  return { mediaType: simpleSigningMediaType, bytes: Buffer.from(text), annotations, ...more };
}

test('findLegacySignatures() reads each layer of the image at the tag', async () => {
  await using registry = await startTestRegistry();
  await using network = openNetwork(clock);
  const remote = { client: new RegistryClient(network, registry.host), repository };
  assert.equal(await findLegacySignatures(remote, digest, 'signature'), undefined);
  const manifest = storeArtifact(
    registry.store,
    repository,
    { configType, layers: [signature('one'), signature('two')] },
    tag,
  );
  const found = await findLegacySignatures(remote, digest, 'signature');
  assert.deepEqual(found?.problems, []);
  assert.deepEqual(
    found.signatures.map(({ payload }) => String(payload)),
    ['one', 'two'],
  );
  assert.deepEqual(found.signatures[0]?.manifest.digest, manifest.digest);
  assert.equal(await findLegacySignatures(remote, digest, 'attestation'), undefined);
  assert.equal(await findLegacySignatures(remote, digest, 'signature', { prefix: 'dev-' }), undefined);
});

test('a digest that is too long for a tag has nothing at one, and no registry is asked', async () => {
  await using registry = await startTestRegistry();
  await using network = openNetwork(clock);
  const remote = { client: new RegistryClient(network, registry.host), repository };
  const long = `sha512:${'ab'.repeat(64)}` as Digest;
  assert.equal(await findLegacySignatures(remote, long, 'signature'), undefined);
  assert.equal(await findLegacySignatures(remote, long, 'attestation', { prefix: 'dev-' }), undefined);
  assert.deepEqual(registry.requests, []);
  assert.deepEqual(await findAttachments(remote, long), { attachments: [], problems: [] });
  assert.equal(await fetchSbom(remote, long), undefined);
});

test('findLegacySignatures() tells which layers it cannot use, and uses the others', async () => {
  await using registry = await startTestRegistry();
  await using network = openNetwork(clock);
  const remote = { client: new RegistryClient(network, registry.host), repository };
  const key = '-----BEGIN PUBLIC KEY-----\nAAEC\n-----END PUBLIC KEY-----\n';
  const layers = [
    signature('good'),
    signature('of another type', { mediaType: 'application/octet-stream' }),
    signature('larger than any', { size: 10_000_000_000 }),
    signature('of another size', { size: 3 }),
    signature('gone', { digest: `sha256:${'00'.repeat(32)}` }),
    signature('unsigned', { annotations: {} }),
    signature('a key for a certificate', {
      annotations: { 'dev.cosignproject.cosign/signature': 'AAEC', 'dev.sigstore.cosign/certificate': key },
    }),
  ];
  storeArtifact(registry.store, repository, { configType, layers }, tag);
  const found = await findLegacySignatures(remote, digest, 'signature');
  assert.deepEqual(
    found?.signatures.map(({ payload }) => String(payload)),
    ['good'],
  );
  assert.deepEqual(
    found?.problems.map(({ code }) => code),
    ['LAYER_UNSUPPORTED', 'LIMIT_EXCEEDED', 'SIZE_MISMATCH', 'BLOB_UNKNOWN', 'SIGNATURE_MALFORMED', 'SIGNER_KIND'],
  );
});

test('findLegacySignatures() gives up what no honest image has', async () => {
  await using registry = await startTestRegistry();
  await using network = openNetwork(clock);
  const remote = { client: new RegistryClient(network, registry.host), repository };
  const refusal = { name: 'SigningError', code: 'LIMIT_EXCEEDED' };
  for (const layers of [
    Array.from({ length: 1001 }, () => signature('one')),
    ['one', 'two', 'three'].map((text) => signature(text, { size: 120_000_000 })),
  ]) {
    storeArtifact(registry.store, repository, { configType, layers }, tag);
    await assert.rejects(findLegacySignatures(remote, digest, 'signature'), refusal);
  }
  assert.ok(!registry.requests.some(({ path }) => path.includes('/blobs/')));
  storeIndexOf(registry.store, repository, tag, []);
  const unavailable = { name: 'SigningError', code: 'SIGNATURES_UNAVAILABLE' };
  await assert.rejects(findLegacySignatures(remote, digest, 'signature'), unavailable);
});

test('findLegacySignatures() never says that there are none where it could not look', async (t) => {
  for (const path of ['/manifests/', '/blobs/']) {
    for (const fault of [
      { kind: 'status', path, status: 429 },
      { kind: 'status', path, status: 502 },
      { kind: 'status', path, status: 401 },
      { kind: 'status', path, status: 403 },
      { kind: 'drop', path },
      { kind: 'hang', path },
    ] satisfies Fault[]) {
      await t.test(`${path} ${fault.kind} ${'status' in fault ? fault.status : ''}`, async () => {
        await using registry = await startTestRegistry({ faults: [fault] });
        await using network = openNetwork({ ...clock, limits: { headersMs: 200 } });
        const remote = { client: new RegistryClient(network, registry.host), repository };
        storeArtifact(registry.store, repository, { configType, layers: [signature('one')] }, tag);
        const refusal = { name: 'SigningError', code: 'SIGNATURES_UNAVAILABLE' };
        await assert.rejects(findLegacySignatures(remote, digest, 'signature'), refusal);
      });
    }
  }
});

test("readLegacyReferrers() reads cosign's experimental referrers, of signatures and attestations", async () => {
  await using registry = await startTestRegistry();
  await using network = openNetwork(clock);
  const remote = { client: new RegistryClient(network, registry.host), repository };
  const { store } = registry;
  const attested = { mediaType: envelopeMediaType, bytes: envelope };
  storeArtifact(store, repository, { configType: legacySignatureType, layers: [signature('one')], subject: digest });
  storeArtifact(store, repository, { artifactType: inTotoType, layers: [attested], subject: digest });
  storeArtifact(store, repository, { artifactType: 'a/b', layers: [signature('other')], subject: digest });
  const { manifests, problems } = await readReferrers(remote, digest);
  assert.deepEqual([manifests.length, problems], [3, []]);
  const found = await readLegacyReferrers(remote, manifests);
  assert.deepEqual(found.problems, []);
  assert.deepEqual(found.signatures.map(({ kind, payload }) => `${kind} ${String(payload)}`).sort(), [
    `attestation ${String(envelope)}`,
    'signature one',
  ]);
  assert.deepEqual(await readLegacyReferrers(remote, []), { signatures: [], problems: [] });
});

test('readLegacyReferrers() counts the layers of all referrers together', async () => {
  await using registry = await startTestRegistry();
  await using network = openNetwork(clock);
  const remote = { client: new RegistryClient(network, registry.host), repository };
  for (const name of ['a', 'b']) {
    const layers = Array.from({ length: 501 }, () => signature(name));
    storeArtifact(registry.store, repository, { configType: legacySignatureType, layers, subject: digest });
  }
  const { manifests } = await readReferrers(remote, digest);
  const refusal = { name: 'SigningError', code: 'LIMIT_EXCEEDED' };
  await assert.rejects(readLegacyReferrers(remote, manifests), refusal);
});
