import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { promisify } from 'node:util';
import {
  attachWith,
  cosigns,
  needsCosign,
  openLab,
  pushImage,
  registries,
  three,
  two,
  verifyWith,
} from '../../testing/registry/cosign-lab.ts';
import { openNetwork } from '../../src/net/open-network.ts';
import { listReferrers } from '../../src/oci/client/list-referrers.ts';
import { RegistryClient } from '../../src/oci/client/registry-client.ts';
import { headManifest } from '../../src/oci/client/head-manifest.ts';
import type { Digest } from '../../src/oci/digest.ts';
import { findAttachments } from '../../src/signing/cosign/attachments.ts';
import { findBundles } from '../../src/signing/cosign/bundles.ts';
import { findLegacySignatures, readLegacyReferrers } from '../../src/signing/cosign/legacy-signatures.ts';
import { readReferrers } from '../../src/signing/cosign/read-referrers.ts';
import { attachBundle } from '../../src/signing/cosign/write-bundle.ts';
import { attachLegacy, attachSbom } from '../../src/signing/cosign/write-legacy.ts';
import { temporaryDirectory } from '../../testing/image/temporary-directory.ts';
import { type Cosign, findCosign } from '../../testing/registry/find-cosign.ts';
import { findProgram, needsProgram } from '../../testing/registry/find-program.ts';
import { makeSyntheticImage } from '../../testing/registry/synthetic-image.ts';
import { startTestRegistry } from '../../testing/registry/test-registry.ts';

const run = promisify(execFile);
const bundleType = 'application/vnd.dev.sigstore.bundle.v0.3+json';
const signType = 'https://sigstore.dev/cosign/sign/v1';
const customType = 'https://cosign.sigstore.dev/attestation/v1';

function preAuthentication(type: string, payload: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`DSSEv1 ${type.length} ${type} ${payload.length} `), payload]);
}

function simpleSigning(name: string, digest: string): Buffer {
  const identity = { 'docker-reference': name };
  const image = { 'docker-manifest-digest': digest };
  const critical = { identity, image, type: 'cosign container image signature' };
  return Buffer.from(JSON.stringify({ critical, optional: null }));
}

/** An envelope over a statement about a digest. */
function envelopeFor(digest: Digest, key: KeyObject, predicateType: string): Buffer {
  const subject = [{ name: 'app', digest: { sha256: digest.slice(7) } }];
  const statement = { _type: 'https://in-toto.io/Statement/v1', subject, predicateType, predicate: { Data: '{}' } };
  const payload = Buffer.from(JSON.stringify(statement));
  const payloadType = 'application/vnd.in-toto+json';
  const signature = sign('sha256', preAuthentication(payloadType, payload), key).toString('base64');
  const signatures = [{ keyid: '', sig: signature }];
  return Buffer.from(JSON.stringify({ payloadType, payload: payload.toString('base64'), signatures }));
}

function bundleFor(envelope: Buffer, publicKey: KeyObject): Buffer {
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  const hint = createHash('sha256').update(spki).digest('base64');
  const { payload, payloadType, signatures } = JSON.parse(envelope.toString()) as {
    payload: string;
    payloadType: string;
    signatures: { sig: string }[];
  };
  const dsseEnvelope = { payload, payloadType, signatures: [{ sig: signatures[0]?.sig }] };
  const verificationMaterial = { publicKey: { hint } };
  return Buffer.from(JSON.stringify({ mediaType: bundleType, verificationMaterial, dsseEnvelope }));
}

for (const [where, start] of Object.entries(registries)) {
  test(`what cosign 2 attaches in ${where} is read`, needsCosign, async () => {
    const cosign = two as Cosign;
    await using lab = await openLab(cosign);
    await using registry = await start();
    const remote = lab.remote(registry.host, 'team/app');
    const digest = await pushImage(remote, 'v1', makeSyntheticImage([{ a: 'a' }]));
    const image = `${registry.host}/team/app@${digest}`;
    await attachWith(cosign, lab.folder, image, ['-a', 'stage=test']);
    const signatures = await findLegacySignatures(remote, digest, 'signature');
    assert.deepEqual(signatures?.problems, []);
    const [signature] = signatures.signatures;
    assert.ok(signature?.entity.content.kind === 'message');
    assert.ok(verify('sha256', signature.payload, lab.key, signature.entity.content.signature));
    assert.ok(signature.payload.includes(digest) && signature.payload.includes('"stage":"test"'));
    const attestations = await findLegacySignatures(remote, digest, 'attestation');
    const [attestation] = attestations?.signatures ?? [];
    assert.ok(attestation?.entity.content.kind === 'envelope');
    const { payload, payloadType, signature: bytes } = attestation.entity.content;
    assert.ok(verify('sha256', preAuthentication(payloadType, payload), lab.key, bytes));
    assert.equal(attestation.annotations['predicateType'], customType);
    const { attachments, problems } = await findAttachments(remote, digest);
    assert.deepEqual(problems, []);
    assert.deepEqual(
      attachments.map(({ kind, form }) => `${kind} ${form}`),
      ['signature tag', 'attestation tag', 'sbom tag'],
    );
  });

  test(`what cosign 3 attaches in ${where} is read`, needsCosign, async () => {
    const cosign = three as Cosign;
    await using lab = await openLab(cosign);
    await using registry = await start();
    const remote = lab.remote(registry.host, 'team/app');
    const digest = await pushImage(remote, 'v1', makeSyntheticImage([{ a: 'a' }]));
    await attachWith(cosign, lab.folder, `${registry.host}/team/app@${digest}`);
    const { bundles, problems, others } = await findBundles(remote, digest);
    assert.deepEqual([problems, others], [[], []]);
    assert.deepEqual(bundles.map(({ predicateType = '' }) => predicateType).sort(), [customType, signType]);
    for (const { bytes, content, created, layer } of bundles) {
      assert.equal(content, 'dsse-envelope');
      assert.match(created ?? '', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
      assert.equal(layer.mediaType, bundleType);
      assert.equal((JSON.parse(bytes.toString()) as { mediaType: string }).mediaType, bundleType);
    }
    const { attachments } = await findAttachments(remote, digest);
    assert.deepEqual(attachments.map(({ kind, form }) => `${kind} ${form}`).sort(), [
      'attestation bundle',
      'sbom tag',
      'signature bundle',
    ]);
  });

  test(`what is attached in ${where} verifies with cosign`, needsCosign, async () => {
    await using lab = await openLab(three as Cosign);
    await using registry = await start();
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const pem = publicKey.export({ type: 'spki', format: 'pem' });
    const key = join(lab.folder, 'own.pub');
    writeFileSync(key, pem);
    const remote = lab.remote(registry.host, 'team/app');
    const { client } = remote;
    const legacy = await pushImage(remote, 'legacy', makeSyntheticImage([{ a: 'legacy' }]));
    for (const text of ['one', 'two']) {
      const payload = simpleSigning(`${registry.host}/${text}`, legacy);
      const annotations = {
        'dev.cosignproject.cosign/signature': sign('sha256', payload, privateKey).toString('base64'),
      };
      assert.equal(await attachLegacy(remote, legacy, { kind: 'signature', payload, annotations }), 'added');
      assert.equal(await attachLegacy(remote, legacy, { kind: 'signature', payload, annotations }), 'present');
    }
    for (const predicateType of [customType, 'https://example.com/other']) {
      const payload = envelopeFor(legacy, privateKey, predicateType);
      const annotations = { 'dev.cosignproject.cosign/signature': '', predicateType };
      await attachLegacy(remote, legacy, { kind: 'attestation', payload, annotations }, { replace: true });
    }
    await attachSbom(remote, legacy, { bytes: Buffer.from('{}'), mediaType: 'application/vnd.cyclonedx+json' });
    for (const cosign of cosigns) await verifyWith(cosign, lab.folder, `${registry.host}/team/app@${legacy}`, key);
    const tree = await (three as Cosign).run(lab.folder, 'tree', `${registry.host}/team/app@${legacy}`);
    assert.equal(tree.stdout.match(/🍒/gu)?.length, 5, tree.stdout);
    const downloaded = await (two as Cosign).run(lab.folder, 'download', 'sbom', `${registry.host}/team/app@${legacy}`);
    assert.equal(downloaded.stdout.trim(), '{}');

    const modern = await pushImage(remote, 'modern', makeSyntheticImage([{ a: 'modern' }]));
    const subject = await headManifest(client, 'team/app', modern);
    assert.ok(subject !== undefined);
    for (const predicateType of [signType, customType]) {
      const bytes = bundleFor(envelopeFor(modern, privateKey, predicateType), publicKey);
      const created = new Date('2026-01-02T03:04:05Z');
      await attachBundle(remote, subject, {
        bytes,
        mediaType: bundleType,
        content: 'dsse-envelope',
        predicateType,
        created,
      });
    }
    await verifyWith(three as Cosign, lab.folder, `${registry.host}/team/app@${modern}`, key);
    if (findProgram('oras') !== undefined) {
      const args = ['discover', '--plain-http', '--format', 'json', `${registry.host}/team/app@${modern}`];
      const { stdout } = await run(findProgram('oras') as string, args);
      const { referrers } = JSON.parse(stdout) as {
        referrers: { artifactType: string; annotations: Record<string, string> }[];
      };
      assert.deepEqual(
        referrers.map(({ artifactType }) => artifactType),
        [bundleType, bundleType],
      );
      const types = referrers.map(({ annotations }) => annotations['dev.sigstore.bundle.predicateType'] ?? '');
      assert.deepEqual(types.sort(), [customType, signType]);
    }
  });
}

test("cosign's experimental referrers are read", needsCosign, async () => {
  const cosign = findCosign(2, { COSIGN_EXPERIMENTAL: '1' }) as Cosign;
  await using lab = await openLab(cosign);
  for (const start of Object.values(registries)) {
    await using registry = await start();
    const remote = lab.remote(registry.host, 'team/app');
    const digest = await pushImage(remote, 'v1', makeSyntheticImage([{ a: 'a' }]));
    const image = `${registry.host}/team/app@${digest}`;
    const args = ['--key', 'cosign.key', '-y', '--tlog-upload=false', '--registry-referrers-mode', 'oci-1-1', image];
    await cosign.run(lab.folder, 'sign', ...args);
    const { manifests } = await readReferrers(remote, digest);
    const { signatures, problems } = await readLegacyReferrers(remote, manifests);
    assert.deepEqual(problems, []);
    const [signature] = signatures;
    assert.ok(signature?.entity.content.kind === 'message' && signatures.length === 1);
    assert.ok(verify('sha256', signature.payload, lab.key, signature.entity.content.signature));
  }
});

test('what notation and oras attach is told apart', needsProgram('oras'), async () => {
  await using registry = await startTestRegistry({ referrers: false });
  await using network = openNetwork();
  using folder = temporaryDirectory();
  const remote = { client: new RegistryClient(network, registry.host), repository: 'team/app' };
  const digest = await pushImage(remote, 'v1', makeSyntheticImage([{ a: 'a' }]));
  folder.write('bom.json', '{}');
  const oras = findProgram('oras') as string;
  for (const type of ['application/spdx+json', 'application/vnd.cyclonedx+json', 'application/vnd.example']) {
    const args = ['attach', '--plain-http', '--artifact-type', type, `${registry.host}/team/app@${digest}`, 'bom.json'];
    await run(oras, args, { cwd: folder.path, env: { PATH: '/usr/bin:/bin', HOME: folder.path } });
  }
  const { attachments, problems } = await findAttachments(remote, digest);
  assert.deepEqual(problems, []);
  assert.deepEqual(attachments.map(({ kind, artifactType }) => `${kind} ${artifactType}`).sort(), [
    'other application/vnd.example',
    'sbom application/spdx+json',
    'sbom application/vnd.cyclonedx+json',
  ]);
  assert.equal((await listReferrers(remote.client, 'team/app', digest)).descriptors.length, 3);
});
