import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { storeArtifact } from '../../../testing/registry/attached.ts';
import { instantClock } from '../../../testing/registry/instant-clock.ts';
import { makeSyntheticImage, storeImage, storeIndex } from '../../../testing/registry/synthetic-image.ts';
import { startTestRegistry, type TestRegistry } from '../../../testing/registry/test-registry.ts';
import { openNetwork } from '../../net/open-network.ts';
import { RegistryClient } from '../../oci/client/registry-client.ts';
import type { RemoteRepository } from '../../oci/client/remote-repository.ts';
import { type Digest, digestHex } from '../../oci/digest.ts';
import { encodeBundle } from '../bundle/encode.ts';
import { bundleMediaType } from '../bundle/media-type.ts';
import { entityAnnotations } from '../cosign/entity-annotations.ts';
import { legacyEntity } from '../cosign/legacy-entity.ts';
import { envelopeMediaType, inTotoType, legacySignatureType, simpleSigningMediaType } from '../cosign/media-types.ts';
import { attachLegacy } from '../cosign/write-legacy.ts';
import { localSigner } from '../key/local-signer.ts';
import { generateKeyPair } from '../key/private-key.ts';
import type { SigningServices } from '../sign/services.ts';
import { signMessage, signStatement } from '../sign/sign-entity.ts';
import type { Signer } from '../signer.ts';
import { buildSignStatement, buildStatement } from '../statement/build.ts';
import { predicateTypes } from '../statement/predicate-type.ts';
import { VerificationError } from '../verify/verification-error.ts';
import { buildSimpleSigning } from './simple-signing.ts';
import { type ImagePolicy, verifyImage } from './verify-image.ts';
import { verifyLegacySignature } from './verify-legacy.ts';

const repository = 'team/app';
const network = openNetwork({ clock: instantClock() });
after(() => network[Symbol.asyncDispose]());
const services: SigningServices = { network, logs: [], timestampAuthorities: [] };
const [mine, theirs] = (await Promise.all([1, 2].map(() => generateKeyPair('ecdsa-p256')))).map(({ privateKey }) =>
  localSigner(privateKey),
) as [Signer, Signer];
const now = new Date();

function policyFor(changes: Partial<ImagePolicy> = {}, ...signers: readonly Signer[]): ImagePolicy {
  const keys = (signers.length === 0 ? [mine] : signers).map(({ publicKey: key }, at) => ({ name: `key ${at}`, key }));
  return {
    trust: { authorities: [], timestampAuthorities: [], logs: [], ctLogs: [] },
    signer: { kind: 'key', keys },
    logs: 0,
    timestamps: 0,
    annotations: new Map(),
    checkSubject: true,
    wanted: { kind: 'signature' },
    layouts: ['bundle', 'legacy'],
    signers: 1,
    allowCertificateChain: false,
    ...changes,
  };
}

interface Scene {
  readonly registry: TestRegistry;
  readonly remote: RemoteRepository;
  readonly digest: Digest;
}

async function withImage(work: (scene: Scene) => Promise<void>): Promise<void> {
  await using registry = await startTestRegistry();
  const digest = storeImage(registry.store, repository, 'v1', makeSyntheticImage([{ a: '1' }])) as Digest;
  await work({ registry, remote: { client: new RegistryClient(network, registry.host), repository }, digest });
}

/** Puts a bundle where the registry lists it for a digest, whatever it says itself. */
function attach({ registry }: Scene, at: Digest, bytes: Buffer): void {
  storeArtifact(registry.store, repository, {
    artifactType: bundleMediaType,
    layers: [{ mediaType: bundleMediaType, bytes }],
    subject: at,
  });
}

async function bundleOf(payload: Buffer, signer: Signer = mine): Promise<Buffer> {
  return encodeBundle(await signStatement(payload, signer, services));
}

function signatureOf(digest: Digest, annotations: ReadonlyMap<string, string> = new Map()): Buffer {
  return buildSignStatement({ algorithm: 'sha256', hex: digestHex(digest) }, annotations);
}

async function attachOlder({ remote }: Scene, at: Digest, named: Digest = at, signer = mine): Promise<void> {
  const payload = buildSimpleSigning('registry.example/app', named, new Map([['env', 'prod']]));
  const annotations = entityAnnotations(await signMessage(payload, signer, services));
  await attachLegacy(remote, at, { kind: 'signature', payload, annotations });
}

async function outcome({ remote, digest }: Scene, policy: ImagePolicy = policyFor()): Promise<readonly string[]> {
  const { verified, failed, problems } = await verifyImage(remote, digest, policy, now);
  return [
    ...verified.map(({ layout }) => layout),
    ...failed.map(({ error }) => error.code),
    ...problems.map(({ code }) => code),
  ];
}

test('verifyImage() finds nothing where nothing is', () =>
  withImage(async (scene) => {
    assert.deepEqual(await outcome(scene), []);
  }));

test('verifyImage() takes a signature in either form, and only in a form that counts', () =>
  withImage(async (scene) => {
    attach(scene, scene.digest, await bundleOf(signatureOf(scene.digest)));
    await attachOlder(scene, scene.digest);
    assert.deepEqual(await outcome(scene), ['bundle', 'legacy']);
    assert.deepEqual(await outcome(scene, policyFor({ layouts: ['bundle'] })), ['bundle']);
    assert.deepEqual(await outcome(scene, policyFor({ layouts: ['legacy'] })), ['legacy']);
    const { signers } = await verifyImage(scene.remote, scene.digest, policyFor(), now);
    assert.equal(signers, 1);
  }));

test('verifyImage() does not fall back to the older form when bundles alone count', () =>
  withImage(async (scene) => {
    await attachOlder(scene, scene.digest);
    assert.deepEqual(await outcome(scene, policyFor({ layouts: ['bundle'] })), []);
  }));

test('verifyImage() takes no signature of another image, in either form', () =>
  withImage(async (scene) => {
    const other = `sha256:${'00'.repeat(32)}` as Digest;
    attach(scene, scene.digest, await bundleOf(signatureOf(other)));
    await attachOlder(scene, scene.digest, other);
    assert.deepEqual(await outcome(scene), ['ARTIFACT_MISMATCH', 'ARTIFACT_MISMATCH']);
    assert.deepEqual(await outcome(scene, policyFor({ checkSubject: false })), ['bundle', 'legacy']);
  }));

test('verifyImage() takes no signature of another key, and counts keys', () =>
  withImage(async (scene) => {
    attach(scene, scene.digest, await bundleOf(signatureOf(scene.digest), theirs));
    await attachOlder(scene, scene.digest, scene.digest, theirs);
    assert.deepEqual(await outcome(scene), ['SIGNATURE_WRONG', 'SIGNATURE_WRONG']);
    attach(scene, scene.digest, await bundleOf(signatureOf(scene.digest)));
    attach(scene, scene.digest, await bundleOf(signatureOf(scene.digest)));
    const one = await verifyImage(scene.remote, scene.digest, policyFor(), now);
    assert.equal(one.signers, 1);
    const both = await verifyImage(scene.remote, scene.digest, policyFor({}, mine, theirs), now);
    assert.equal(both.signers, 2);
  }));

test('verifyImage() takes no statement for a signature, and none for a statement of another type', () =>
  withImage(async (scene) => {
    const artifact = { algorithm: 'sha256', hex: digestHex(scene.digest) } as const;
    attach(scene, scene.digest, await bundleOf(buildStatement('app', artifact, predicateTypes.spdxjson, {})));
    assert.deepEqual(await outcome(scene), ['PREDICATE_TYPE_MISMATCH']);
    const wanted = (predicateType?: string): ImagePolicy =>
      policyFor({ wanted: { kind: 'attestation', ...(predicateType === undefined ? {} : { predicateType }) } });
    assert.deepEqual(await outcome(scene, wanted(predicateTypes.spdxjson)), ['bundle']);
    assert.deepEqual(await outcome(scene, wanted(predicateTypes.vuln)), ['PREDICATE_TYPE_MISMATCH']);
    assert.deepEqual(await outcome(scene, wanted()), ['bundle']);
  }));

/** An attestation in the older form that says beside what is signed that it is a signature of an image. */
async function disguised(digest: Digest): Promise<Buffer> {
  const elsewhere = { algorithm: 'sha256', hex: '00'.repeat(32) } as const;
  const { content } = await signStatement(buildStatement('x', elsewhere, predicateTypes.spdxjson, {}), mine, services);
  assert.ok(content.kind === 'envelope');
  const { payloadType, payload, signature } = content;
  const signatures = [{ sig: signature.toString('base64') }];
  const claims = JSON.parse(buildSimpleSigning('registry.example/app', digest, new Map()).toString()) as object;
  return Buffer.from(JSON.stringify({ payloadType, payload: payload.toString('base64'), signatures, ...claims }));
}

test('verifyImage() takes no referrer of one kind in the older form for another', () =>
  withImage(async (scene) => {
    const { registry, digest } = scene;
    const payload = buildSimpleSigning('registry.example/app', digest, new Map());
    const annotations = entityAnnotations(await signMessage(payload, mine, services));
    const attestation = policyFor({ wanted: { kind: 'attestation' } });
    storeArtifact(registry.store, repository, {
      configType: legacySignatureType,
      layers: [{ mediaType: simpleSigningMediaType, bytes: payload, annotations }],
      subject: digest,
    });
    assert.deepEqual(await outcome(scene), ['legacy']);
    // It does not fail as an attestation: it is none.
    assert.deepEqual(await outcome(scene, attestation), []);
  }));

test('verifyImage() does not believe an attestation in the older form that it is a signature', () =>
  withImage(async (scene) => {
    const { registry, digest } = scene;
    const bytes = await disguised(digest);
    storeArtifact(registry.store, repository, {
      artifactType: inTotoType,
      layers: [{ mediaType: envelopeMediaType, bytes }],
      subject: digest,
    });
    assert.deepEqual(await outcome(scene), []);
    assert.deepEqual(await outcome(scene, policyFor({ wanted: { kind: 'attestation' } })), ['ARTIFACT_MISMATCH']);
    const manifest = { mediaType: 'x/y', digest, size: 1 };
    const signature = { kind: 'signature', manifest, layer: manifest, payload: bytes, annotations: {} } as const;
    const entity = legacyEntity('attestation', bytes, {});
    await assert.rejects(verifyLegacySignature({ ...signature, entity }, digest, policyFor(), now), {
      code: 'SIGNATURE_UNSUPPORTED',
    });
  }));

test('verifyImage() wants annotations signed, not merely there', () =>
  withImage(async (scene) => {
    attach(scene, scene.digest, await bundleOf(signatureOf(scene.digest)));
    await attachOlder(scene, scene.digest);
    const wanting = policyFor({ annotations: new Map([['env', 'prod']]) });
    assert.deepEqual(await outcome(scene, wanting), ['legacy', 'ANNOTATION_MISMATCH']);
    const other = policyFor({ annotations: new Map([['env', 'test']]) });
    assert.deepEqual(await outcome(scene, other), ['ANNOTATION_MISMATCH', 'ANNOTATION_MISMATCH']);
    attach(scene, scene.digest, await bundleOf(signatureOf(scene.digest, new Map([['env', 'prod']]))));
    assert.deepEqual((await outcome(scene, wanting)).toSorted(), ['ANNOTATION_MISMATCH', 'bundle', 'legacy']);
  }));

test('verifyImage() does not take an index that is signed for its images, nor the reverse', async () => {
  await using registry = await startTestRegistry();
  const child = makeSyntheticImage([{ a: '1' }]);
  const index = storeIndex(registry.store, repository, 'all', { amd64: child }) as Digest;
  const inner = registry.store.manifest(repository, 'all-amd64')?.digest as Digest;
  const remote = { client: new RegistryClient(network, registry.host), repository };
  attach({ registry, remote, digest: index }, index, await bundleOf(signatureOf(index)));
  assert.deepEqual(await outcome({ registry, remote, digest: index }), ['bundle']);
  assert.deepEqual(await outcome({ registry, remote, digest: inner }), []);
});

test('verifyImage() asks the condition of each statement, and takes no failure of it for success', () =>
  withImage(async (scene) => {
    attach(scene, scene.digest, await bundleOf(signatureOf(scene.digest)));
    const condition = (): void => {
      throw new VerificationError('CONDITION_UNMET', 'It is false', { check: 'condition' });
    };
    assert.deepEqual(await outcome(scene, policyFor({ condition })), ['CONDITION_UNMET']);
    const broken = (): void => {
      throw new RangeError('a mistake of ours');
    };
    await assert.rejects(outcome(scene, policyFor({ condition: broken })), RangeError);
  }));

test('verifyImage() judges each bundle by itself, however broken the others are', () =>
  withImage(async (scene) => {
    for (const text of ['', '{', '{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json"}', '['.repeat(10_000)]) {
      attach(scene, scene.digest, Buffer.from(text));
    }
    const { failed, verified } = await verifyImage(scene.remote, scene.digest, policyFor(), now);
    assert.equal(verified.length, 0);
    assert.deepEqual(failed.map(({ error }) => error.code).toSorted(), [
      'SIGNATURE_MALFORMED',
      'SIGNATURE_MALFORMED',
      'SIGNATURE_MALFORMED',
      'SIGNATURE_TOO_LARGE',
    ]);
    attach(scene, scene.digest, await bundleOf(signatureOf(scene.digest)));
    assert.equal((await outcome(scene)).includes('bundle'), true);
  }));

test('verifyImage() looks at no more than a thousand attachments', () =>
  withImage(async (scene) => {
    for (let at = 0; at <= 1000; at += 1) attach(scene, scene.digest, Buffer.from(`{"${at}":0}`));
    await assert.rejects(outcome(scene), { code: 'LIMIT_EXCEEDED' });
  }));

test('verifyImage() ends with its signal', () =>
  withImage(async ({ remote, digest }) => {
    const reason = new Error('enough');
    await assert.rejects(
      verifyImage(remote, digest, policyFor(), now, AbortSignal.abort(reason)),
      (error) => error === reason,
    );
  }));

test('verifyImage() says that it could not look, and finds nothing instead of nobody', async () => {
  for (const path of ['/referrers/', /manifests\/sha256-/, /blobs/]) {
    await using registry = await startTestRegistry({ faults: [{ kind: 'status', status: 500, path }] });
    const digest = storeImage(registry.store, repository, 'v1', makeSyntheticImage([{ a: '1' }])) as Digest;
    const remote = { client: new RegistryClient(network, registry.host), repository };
    attach({ registry, remote, digest }, digest, await bundleOf(signatureOf(digest)));
    await assert.rejects(outcome({ registry, remote, digest }), { code: 'SIGNATURES_UNAVAILABLE' }, String(path));
  }
});
