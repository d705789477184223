import assert from 'node:assert/strict';
import { test } from 'node:test';
import { storeArtifact } from '../../../testing/registry/attached.ts';
import { instantClock } from '../../../testing/registry/instant-clock.ts';
import { startTestRegistry, type TestRegistry } from '../../../testing/registry/test-registry.ts';
import { openNetwork } from '../../net/open-network.ts';
import { RegistryClient } from '../../oci/client/registry-client.ts';
import type { Digest } from '../../oci/digest.ts';
import { simpleSigningMediaType } from './media-types.ts';
import { attachmentTag } from './tags.ts';
import { bundleManifest } from './write-bundle.ts';
import { attachLegacy, attachSbom } from './write-legacy.ts';

const repository = 'team/app';
const digest = `sha256:${'ab'.repeat(32)}` as Digest;
const clock = { clock: instantClock() };
const signatureName = 'dev.cosignproject.cosign/signature';

function stored(registry: TestRegistry, tag: string): string {
  return Buffer.from(registry.store.manifest(repository, tag)?.bytes ?? Buffer.from('{}')).toString();
}

interface Layers {
  readonly layers: readonly { readonly digest: string; readonly annotations: Record<string, string> }[];
}

function attestation(type: string, data: string): Buffer {
  const payload = Buffer.from(JSON.stringify({ predicateType: type, predicate: data })).toString('base64');
  return Buffer.from(JSON.stringify({ payloadType: 'a', payload, signatures: [{ keyid: '', sig: 'AAEC' }] }));
}

test('attachLegacy() writes byte for byte what cosign writes', async () => {
  await using registry = await startTestRegistry();
  await using network = openNetwork(clock);
  const remote = { client: new RegistryClient(network, registry.host), repository };
  const payload = Buffer.from('{}');
  const annotations = { 'dev.sigstore.cosign/chain': '', [signatureName]: 'AAEC' };
  await attachLegacy(remote, digest, { kind: 'signature', payload, annotations });
  // What cosign 2.5 pushed for such a layer.
  const config =
    '{"architecture":"","created":"0001-01-01T00:00:00Z","history":[{"created":"0001-01-01T00:00:00Z"}],"os":"",' +
    '"rootfs":{"type":"layers","diff_ids":["sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"]},"config":{}}';
  const text = stored(registry, attachmentTag(digest, 'signature'));
  const manifest = JSON.parse(text) as { config: { digest: string } };
  assert.equal(Buffer.from(registry.store.blob(repository, manifest.config.digest) ?? []).toString(), config);
  assert.equal(
    text,
    '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":' +
      `"application/vnd.oci.image.config.v1+json","size":233,"digest":"${manifest.config.digest}"},"layers":[{"mediaType":` +
      '"application/vnd.dev.cosign.simplesigning.v1+json","size":2,"digest":' +
      '"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","annotations":{' +
      `"${signatureName}":"AAEC","dev.sigstore.cosign/chain":""}}]}`,
  );
});

test('attachLegacy() adds to what is there, and nothing twice', async () => {
  await using registry = await startTestRegistry();
  await using network = openNetwork(clock);
  const remote = { client: new RegistryClient(network, registry.host), repository };
  const attach = async (text: string, value: string, options = {}): Promise<string> => {
    const annotations = { [signatureName]: value };
    return await attachLegacy(remote, digest, { kind: 'signature', payload: Buffer.from(text), annotations }, options);
  };
  assert.equal(await attach('one', 'AAEC'), 'added');
  assert.equal(await attach('one', 'AAEC'), 'present');
  assert.equal(await attach('two', 'AAEC'), 'added');
  // ECDSA signs the same otherwise each time: only who has the key can tell.
  assert.equal(await attach('one', 'AAED', { isOwn: (other: string) => other === 'AAEC' }), 'present');
  assert.equal(await attach('one', 'AAED', { isOwn: () => false }), 'added');
  assert.equal(await attach('one', 'AAEE'), 'added');
  const { layers } = JSON.parse(stored(registry, attachmentTag(digest, 'signature'))) as Layers;
  assert.deepEqual(
    layers.map(({ annotations }) => annotations[signatureName]),
    ['AAEC', 'AAEC', 'AAED', 'AAEE'],
  );
});

test('attachLegacy() replaces attestations of the same predicate type alone', async () => {
  await using registry = await startTestRegistry();
  await using network = openNetwork(clock);
  const remote = { client: new RegistryClient(network, registry.host), repository };
  const tag = attachmentTag(digest, 'attestation', 'dev-');
  const attach = async (type: string, data: string, replace: boolean): Promise<void> => {
    const annotations = { [signatureName]: '', predicateType: type };
    const attached = { kind: 'attestation', payload: attestation(type, data), annotations } as const;
    await attachLegacy(remote, digest, attached, { replace, prefix: 'dev-' });
  };
  const types = (): string[] =>
    (JSON.parse(stored(registry, tag)) as Layers).layers.map(({ annotations }) => annotations['predicateType'] ?? '');
  await attach('a', '1', false);
  await attach('b', '2', false);
  await attach('a', '3', false);
  assert.deepEqual(types(), ['a', 'b', 'a']);
  await attach('a', '4', true);
  assert.deepEqual(types(), ['a', 'b']);
  await attach('b', '2', true);
  assert.deepEqual(types(), ['b', 'a']);
});

test('attachLegacy() writes over nothing that it does not understand', async () => {
  await using registry = await startTestRegistry({ checkReferences: false });
  await using network = openNetwork(clock);
  const remote = { client: new RegistryClient(network, registry.host), repository };
  const tag = attachmentTag(digest, 'signature');
  const attached = { kind: 'signature', payload: Buffer.from('x'), annotations: { [signatureName]: 'AAEC' } } as const;
  const index = Buffer.from('{"schemaVersion":2,"manifests":[]}');
  registry.store.putManifest(repository, tag, 'application/vnd.oci.image.index.v1+json', index);
  await assert.rejects(attachLegacy(remote, digest, attached), { code: 'MANIFEST_INVALID' });
  const layers = Array.from({ length: 1000 }, (_, at) => ({
    mediaType: simpleSigningMediaType,
    bytes: Buffer.from(`${at}`),
  }));
  storeArtifact(registry.store, repository, { configType: 'application/vnd.oci.image.config.v1+json', layers }, tag);
  await assert.rejects(attachLegacy(remote, digest, attached), { name: 'SigningError', code: 'LIMIT_EXCEEDED' });
});

test('attachLegacy() loses nothing of signers at once in a registry that obeys If-Match', async () => {
  await using registry = await startTestRegistry({ etag: true, conditional: true });
  await using network = openNetwork({ widthPerHost: 20 });
  const values = Array.from({ length: 10 }, (_, at) => Buffer.from([at]).toString('base64'));
  await Promise.all(
    values.map(async (value) => {
      const remote = { client: new RegistryClient(network, registry.host), repository };
      const annotations = { [signatureName]: value };
      await attachLegacy(remote, digest, { kind: 'signature', payload: Buffer.from('x'), annotations });
    }),
  );
  const { layers } = JSON.parse(stored(registry, attachmentTag(digest, 'signature'))) as Layers;
  assert.deepEqual(layers.map(({ annotations }) => annotations[signatureName] ?? '').sort(), values.sort());
});

test('attachSbom() puts one document at the tag', async () => {
  await using registry = await startTestRegistry();
  await using network = openNetwork(clock);
  const remote = { client: new RegistryClient(network, registry.host), repository };
  for (const text of ['{"a":1}', '{"a":2}']) {
    const attached = await attachSbom(remote, digest, { bytes: Buffer.from(text), mediaType: 'text/spdx+json' });
    assert.equal(registry.store.manifest(repository, attachmentTag(digest, 'sbom'))?.digest, attached.digest);
  }
  const { layers } = JSON.parse(stored(registry, attachmentTag(digest, 'sbom'))) as Layers;
  assert.deepEqual(
    layers.map((layer) => String(registry.store.blob(repository, layer.digest))),
    ['{"a":2}'],
  );
});

test('bundleManifest() is byte for byte what cosign writes', () => {
  const mediaType = 'application/vnd.dev.sigstore.bundle.v0.3+json';
  const subject = { mediaType: 'application/vnd.oci.image.manifest.v1+json', size: 400, digest };
  const manifest = bundleManifest(subject, {
    bytes: Buffer.from('{}'),
    mediaType,
    content: 'dsse-envelope',
    predicateType: 'https://sigstore.dev/cosign/sign/v1',
    created: new Date('2026-11-26T23:46:27.123Z'),
  });
  const empty = '"size":2,"digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"';
  assert.equal(
    manifest.bytes.toString(),
    '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":' +
      `"application/vnd.oci.empty.v1+json",${empty},"artifactType":"${mediaType}"},"layers":[{"mediaType":"${mediaType}",${empty}}],` +
      '"annotations":{"dev.sigstore.bundle.content":"dsse-envelope","dev.sigstore.bundle.predicateType":' +
      '"https://sigstore.dev/cosign/sign/v1","org.opencontainers.image.created":"2026-11-26T23:46:27Z"},"subject":{"mediaType":' +
      `"application/vnd.oci.image.manifest.v1+json","size":400,"digest":"${digest}"},"artifactType":"${mediaType}"}`,
  );
});
