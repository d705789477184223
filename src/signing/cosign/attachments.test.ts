import assert from 'node:assert/strict';
import { test } from 'node:test';
import { storeArtifact, type TestArtifact } from '../../../testing/registry/attached.ts';
import { instantClock } from '../../../testing/registry/instant-clock.ts';
import { startTestRegistry } from '../../../testing/registry/test-registry.ts';
import { openNetwork } from '../../net/open-network.ts';
import { RegistryClient } from '../../oci/client/registry-client.ts';
import type { Digest } from '../../oci/digest.ts';
import { findAttachments } from './attachments.ts';
import { attachmentTag } from './tags.ts';

const repository = 'team/app';
const digest = `sha256:${'ab'.repeat(32)}` as Digest;
const clock = { clock: instantClock() };
const bytes = Buffer.from('{}');
const bundle = 'application/vnd.dev.sigstore.bundle.v0.3+json';
const envelope = 'application/vnd.dsse.envelope.v1+json';
const predicateType = 'dev.sigstore.bundle.predicateType';
const signs = { [predicateType]: 'https://sigstore.dev/cosign/sign/v1' };

function layer(mediaType: string): TestArtifact['layers'] {
  return [{ mediaType, bytes }];
}

test('findAttachments() tells what a referrer is by its manifest', async (t) => {
  for (const [artifact, kind, form] of [
    [{ artifactType: bundle, layers: layer(bundle), annotations: signs }, 'signature', 'bundle'],
    [
      { layers: layer(bundle), annotations: { 'dev.sigstore.bundle.content': 'message-signature' } },
      'signature',
      'bundle',
    ],
    [
      {
        artifactType: bundle,
        layers: layer(bundle),
        annotations: { [predicateType]: 'https://slsa.dev/provenance/v1' },
      },
      'attestation',
      'bundle',
    ],
    [{ artifactType: bundle, layers: layer(bundle) }, 'attestation', 'bundle'],
    [{ configType: 'application/vnd.dev.cosign.artifact.sig.v1+json', layers: [] }, 'signature', 'referrer'],
    [{ configType: 'application/vnd.dev.cosign.artifact.sbom.v1+json', layers: [] }, 'sbom', 'referrer'],
    [{ artifactType: 'application/vnd.in-toto+json', layers: layer(envelope) }, 'attestation', 'referrer'],
    [{ artifactType: 'application/vnd.in-toto+json', layers: layer('a/b') }, 'other', 'referrer'],
    [
      { configType: 'application/vnd.cncf.notary.signature', layers: layer('application/jose+json') },
      'signature',
      'referrer',
    ],
    [{ artifactType: 'application/spdx+json', layers: [] }, 'sbom', 'referrer'],
    [{ artifactType: 'text/spdx', layers: [] }, 'sbom', 'referrer'],
    [{ artifactType: 'application/vnd.cyclonedx+xml', layers: [] }, 'sbom', 'referrer'],
    [{ artifactType: 'application/vnd.syft+json', layers: [] }, 'sbom', 'referrer'],
    [{ artifactType: 'application/vnd.example.sbom.v1', layers: [] }, 'sbom', 'referrer'],
    [{ artifactType: 'application/vnd.spdxish', layers: [] }, 'other', 'referrer'],
    [{ artifactType: 'a/b', layers: [], annotations: signs }, 'other', 'referrer'],
  ] satisfies (readonly [TestArtifact, string, string])[]) {
    await t.test(`${artifact.artifactType ?? artifact.configType ?? 'no type'} is ${kind}`, async () => {
      await using registry = await startTestRegistry();
      await using network = openNetwork(clock);
      storeArtifact(registry.store, repository, { ...artifact, subject: digest });
      const remote = { client: new RegistryClient(network, registry.host), repository };
      const { attachments, problems } = await findAttachments(remote, digest);
      assert.deepEqual(problems, []);
      assert.deepEqual(
        attachments.map((one) => [one.kind, one.form, one.tag]),
        [[kind, form, undefined]],
      );
    });
  }
});

test('findAttachments() finds tags, with their prefix, and tells of those that it cannot read', async () => {
  await using registry = await startTestRegistry({ checkReferences: false });
  await using network = openNetwork(clock);
  const remote = { client: new RegistryClient(network, registry.host), repository };
  const { store } = registry;
  for (const kind of ['signature', 'attestation', 'sbom'] as const) {
    storeArtifact(store, repository, { layers: layer('a/b') }, attachmentTag(digest, kind, 'dev-'));
  }
  assert.deepEqual((await findAttachments(remote, digest)).attachments, []);
  const prefixed = await findAttachments(remote, digest, { prefix: 'dev-' });
  assert.deepEqual(
    prefixed.attachments.map(({ kind, tag }) => [kind, tag]),
    (['signature', 'attestation', 'sbom'] as const).map((kind) => [kind, attachmentTag(digest, kind, 'dev-')]),
  );
  assert.deepEqual((await findAttachments(remote, digest, { prefix: 'dev-', tags: false })).attachments, []);
  const tag = attachmentTag(digest, 'signature');
  store.putManifest(repository, tag, 'application/vnd.oci.image.manifest.v1+json', Buffer.from('no manifest'));
  const { attachments, problems } = await findAttachments(remote, digest);
  assert.deepEqual(attachments, []);
  assert.deepEqual(
    problems.map(({ code, subject }) => [code, subject]),
    [['MANIFEST_INVALID', tag]],
  );
});

test('findAttachments() never says that there is nothing where it could not look', async () => {
  for (const path of ['.sig', '.att', '.sbom', '/referrers/']) {
    for (const status of [429, 500, 401, 403]) {
      await using registry = await startTestRegistry({ faults: [{ kind: 'status', path, status }] });
      await using network = openNetwork(clock);
      const remote = { client: new RegistryClient(network, registry.host), repository };
      const refusal = { name: 'SigningError', code: 'SIGNATURES_UNAVAILABLE' };
      await assert.rejects(findAttachments(remote, digest), refusal, `${path} ${status}`);
    }
  }
});
