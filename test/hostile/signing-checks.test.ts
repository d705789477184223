import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { openNetwork } from '../../src/net/open-network.ts';
import type { Network } from '../../src/net/network.ts';
import { fetchManifest } from '../../src/oci/client/fetch-manifest.ts';
import { RegistryClient } from '../../src/oci/client/registry-client.ts';
import type { RemoteRepository } from '../../src/oci/client/remote-repository.ts';
import type { Digest } from '../../src/oci/digest.ts';
import { encodeBundle } from '../../src/signing/bundle/encode.ts';
import { bundleMediaType } from '../../src/signing/bundle/media-type.ts';
import { entityAnnotations } from '../../src/signing/cosign/entity-annotations.ts';
import { attachBundle } from '../../src/signing/cosign/write-bundle.ts';
import { attachLegacy } from '../../src/signing/cosign/write-legacy.ts';
import type { SignedEntity } from '../../src/signing/entity.ts';
import { buildSimpleSigning } from '../../src/signing/image/simple-signing.ts';
import { type ImagePolicy, verifyImage } from '../../src/signing/image/verify-image.ts';
import { localSigner } from '../../src/signing/key/local-signer.ts';
import { generateKeyPair } from '../../src/signing/key/private-key.ts';
import { signMessage, signStatement } from '../../src/signing/sign/sign-entity.ts';
import type { Signer } from '../../src/signing/signer.ts';
import { buildSignStatement, buildStatement } from '../../src/signing/statement/build.ts';
import { preAuthenticationEncoding } from '../../src/signing/statement/pre-authentication-encoding.ts';
import { signPredicateType } from '../../src/signing/statement/predicate-type.ts';
import { parseTrustedRoot } from '../../src/signing/trust/parse-trusted-root.ts';
import { checkShape } from '../../src/signing/verify/check-shape.ts';
import type { KeyPolicy, VerificationPolicy } from '../../src/signing/verify/policy.ts';
import { VerificationError } from '../../src/signing/verify/verification-error.ts';
import { verifyEntity } from '../../src/signing/verify/verify-entity.ts';
import { verifyStatement } from '../../src/signing/verify/verify-statement.ts';
import type { Sigstore } from '../../src/sigstore-dev/sigstore.ts';
import { makeSyntheticImage, storeImage } from '../../testing/registry/synthetic-image.ts';
import { startTestRegistry, type TestRegistry } from '../../testing/registry/test-registry.ts';
import { startTestSigstore } from '../../testing/sigstore.ts';

const bytes = Buffer.from('what is signed');
const artifact = { kind: 'bytes', bytes } as const;

describe('what holds a signature to the key, the log, the time and the image', () => {
  let sigstore: Sigstore;
  let registry: TestRegistry;
  let network: Network;
  let signer: Signer;
  let key: KeyPolicy;
  before(async () => {
    sigstore = await startTestSigstore();
    registry = await startTestRegistry();
    network = openNetwork();
    ({ signer, key } = await makeKey());
  });
  after(async () => {
    await network[Symbol.asyncDispose]();
    await registry.close();
    await sigstore[Symbol.asyncDispose]();
  });

  const makeKey = async (): Promise<{ readonly signer: Signer; readonly key: KeyPolicy }> => {
    const { privateKey, publicKey } = await generateKeyPair('ecdsa-p256');
    return { signer: localSigner(privateKey), key: { kind: 'key', keys: [{ name: 'mine', key: publicKey }] } };
  };
  const alone = () => ({ network, logs: [], timestampAuthorities: [] });
  const logged = () => ({ ...alone(), logs: [{ url: sigstore.url, version: 1 as const }] });
  const policy = (changes: Partial<VerificationPolicy> = {}): VerificationPolicy => ({
    trust: parseTrustedRoot(Buffer.from(JSON.stringify(sigstore.trustedRoot)), 'root'),
    signer: key,
    logs: 0,
    timestamps: 0,
    ...changes,
  });
  const judge = (verified: Promise<unknown>): Promise<string> =>
    verified.then(
      () => 'passed',
      (error: { code: string }) => error.code,
    );
  const check = (entity: SignedEntity, changes?: Partial<VerificationPolicy>): Promise<string> =>
    judge(verifyEntity(entity, artifact, policy(changes), new Date()));

  test("another key's signature, and another's log entry, do not hold for a key", async () => {
    const entity = await signMessage(bytes, signer, logged());
    assert.equal(await check(entity, { logs: 1 }), 'passed');
    const again = await signMessage(bytes, signer, logged());
    // By the same key over the same bytes: the log has seen another signature than this.
    assert.equal(await check({ ...entity, logEntries: again.logEntries }, { logs: 1 }), 'LOG_ENTRY_MISMATCH');
    const other = await signMessage(bytes, (await makeKey()).signer, alone());
    assert.equal(await check(other), 'SIGNATURE_WRONG');
    const { content } = await signMessage(Buffer.from('other'), signer, alone());
    assert.ok(content.kind === 'message');
    assert.equal(await check({ ...entity, logEntries: [], content }), 'ARTIFACT_MISMATCH');
    assert.equal(
      await check({ ...entity, logEntries: [], content: { kind: 'message', signature: content.signature } }),
      'SIGNATURE_WRONG',
    );
  });

  test('a stamp that was asked for must be there', async () => {
    const entity = await signMessage(bytes, signer, alone());
    assert.equal(await check(entity, { timestamps: 1 }), 'TIME_MISSING');
    const stamped = await signMessage(bytes, signer, { ...alone(), timestampAuthorities: [sigstore.tsaUrl] });
    assert.equal(await check(stamped, { timestamps: 1 }), 'passed');
    assert.equal(await check({ ...entity, timestamps: stamped.timestamps }, { timestamps: 1 }), 'TIMESTAMP_WRONG');
  });

  test('envelopes of another type of payload, and bare signatures, state nothing', async () => {
    const payload = buildSignStatement({ algorithm: 'sha256', hex: '00'.repeat(32) }, new Map());
    const payloadType = 'application/json';
    const signature = await signer.sign(preAuthenticationEncoding(payloadType, payload));
    const { material } = await signMessage(bytes, signer, alone());
    const entity: SignedEntity = {
      format: 'bundle',
      mediaType: bundleMediaType,
      material,
      logEntries: [],
      timestamps: [],
      content: { kind: 'envelope', payloadType, payload, signature },
    };
    assert.equal(await check(entity), 'SIGNATURE_UNSUPPORTED');
    const asking = { ...policy(), annotations: new Map<string, string>(), checkSubject: false };
    const bare = await signMessage(bytes, signer, alone());
    assert.equal(await judge(verifyStatement(bare, artifact, asking, new Date())), 'SIGNATURE_UNSUPPORTED');
  });

  test('no signature has more of anything than honest ones', async () => {
    const entity = await signMessage(bytes, signer, logged());
    const [entry] = entity.logEntries;
    assert.ok(entry !== undefined);
    const shape = (changes: Partial<SignedEntity>, wanted: VerificationPolicy['signer'] = key): string => {
      try {
        checkShape({ ...entity, ...changes }, { signer: wanted });
        return 'passed';
      } catch (error) {
        return (error as { code: string }).code;
      }
    };
    const certified = (count: number): Partial<SignedEntity> => ({
      material: { kind: 'certificate', certificates: Array<Buffer>(count).fill(Buffer.alloc(0)) },
    });
    const identity = { kind: 'certificate', identities: [], claims: [], scts: 0 } as const;
    const stamps = (count: number): Partial<SignedEntity> => ({ timestamps: Array<Buffer>(count).fill(bytes) });
    const entries = (count: number): Partial<SignedEntity> => ({ logEntries: Array<typeof entry>(count).fill(entry) });
    assert.deepEqual([shape(entries(32)), shape(entries(33))], ['passed', 'SIGNATURE_TOO_LARGE']);
    assert.deepEqual([shape(stamps(32)), shape(stamps(33))], ['passed', 'SIGNATURE_TOO_LARGE']);
    assert.deepEqual(
      [0, 11, 12].map((count) => shape(certified(count), identity)),
      ['SIGNATURE_MALFORMED', 'passed', 'SIGNATURE_TOO_LARGE'],
    );
  });

  const imagePolicy = (changes: Partial<ImagePolicy> = {}): ImagePolicy => ({
    ...policy(),
    annotations: new Map(),
    checkSubject: true,
    wanted: { kind: 'signature' },
    layouts: ['bundle', 'legacy'],
    signers: 1,
    allowCertificateChain: false,
    ...changes,
  });
  const push = (repository: string): { readonly remote: RemoteRepository; readonly digest: Digest } => ({
    remote: { client: new RegistryClient(network, registry.host), repository },
    digest: storeImage(registry.store, repository, 'v1', makeSyntheticImage([{ name: repository }])) as Digest,
  });

  test('the older form is held to the image and its annotations', async () => {
    const { remote, digest } = push('older');
    const attach = async (payload: Buffer): Promise<void> => {
      const annotations = entityAnnotations(await signMessage(payload, signer, alone()));
      await attachLegacy(remote, digest, { kind: 'signature', payload, annotations }, {});
    };
    const look = async (changes?: Partial<ImagePolicy>): Promise<string[]> => {
      const { verified, failed } = await verifyImage(remote, digest, imagePolicy(changes), new Date());
      return [...verified.map(() => 'passed'), ...failed.map(({ error }) => error.code)];
    };
    await attach(buildSimpleSigning('app', `sha256:${'ab'.repeat(32)}` as Digest, new Map()));
    assert.deepEqual(await look(), ['ARTIFACT_MISMATCH']);
    assert.deepEqual(await look({ checkSubject: false }), ['passed']);
    await attach(buildSimpleSigning('app', digest, new Map([['env', 'prod']])));
    assert.deepEqual(await look({ annotations: new Map([['env', 'prod']]) }), ['passed', 'ARTIFACT_MISMATCH']);
    assert.deepEqual((await look({ annotations: new Map([['env', 'test']]) })).sort(), [
      'ANNOTATION_MISMATCH',
      'ARTIFACT_MISMATCH',
    ]);
    assert.deepEqual(await look({ layouts: ['bundle'] }), []);
  });

  test('each attestation is verified for itself, whatever others of the image are worth', async () => {
    const publish = 'https://github.com/npm/attestation/tree/main/specs/publish/v0.1';
    const provenance = 'https://slsa.dev/provenance/v1';
    const stranger = await makeKey();
    const elsewhere = 'ab'.repeat(32);
    for (const [what, by, hex, predicate, outcome] of [
      ['as it should be', signer, undefined, { name: 'app', version: '1.0' }, 'passed'],
      ['by a stranger', stranger.signer, undefined, { name: 'app', version: '1.0' }, 'SIGNATURE_WRONG'],
      ['about something else', signer, elsewhere, { name: 'app', version: '1.0' }, 'ARTIFACT_MISMATCH'],
      ['of another version', signer, undefined, { name: 'app', version: '0.9' }, 'CONDITION_UNMET'],
      ['that says nothing', signer, undefined, null, 'CONDITION_UNMET'],
    ] as const) {
      const { remote, digest } = push(`publish-${what.replaceAll(' ', '-')}`);
      const { descriptor } = await fetchManifest(remote.client, remote.repository, digest);
      const attach = async (statement: Buffer, with_: Signer, predicateType: string): Promise<void> => {
        const content = 'dsse-envelope';
        const encoded = encodeBundle(await signStatement(statement, with_, alone()));
        const bundle = {
          bytes: encoded,
          mediaType: bundleMediaType,
          content,
          predicateType,
          created: new Date(),
        } as const;
        await attachBundle(remote, descriptor, bundle);
      };
      const ours = { algorithm: 'sha256', hex: digest.slice(7) } as const;
      // The provenance is in order; it neither stands for what was published nor makes up for it.
      await attach(buildStatement('app', ours, provenance, {}), signer, provenance);
      const subject = { ...ours, hex: hex ?? ours.hex };
      await attach(buildStatement('app', subject, publish, predicate), by, publish);
      const condition: NonNullable<ImagePolicy['condition']> = ({ statement }) => {
        const { version } = (statement.predicate ?? {}) as { readonly version?: unknown };
        if (version === '1.0') return;
        throw new VerificationError('CONDITION_UNMET', 'It is of another version', { check: 'condition' });
      };
      const wanted = { kind: 'attestation', predicateType: publish } as const;
      const { verified, failed, signers } = await verifyImage(
        remote,
        digest,
        imagePolicy({ wanted, condition }),
        new Date(),
      );
      const others = ['PREDICATE_TYPE_MISMATCH', ...(outcome === 'passed' ? [] : [outcome])];
      assert.deepEqual(failed.map(({ error }) => error.code).toSorted(), others.toSorted(), what);
      assert.deepEqual([verified.length, signers], outcome === 'passed' ? [1, 1] : [0, 0], what);
    }
  });

  test('signers are counted once, and conditions are asked', async () => {
    const { remote, digest } = push('counted');
    const { descriptor } = await fetchManifest(remote.client, remote.repository, digest);
    const payload = buildSignStatement({ algorithm: 'sha256', hex: digest.slice(7) }, new Map());
    const second = await makeKey();
    const sign = async (with_: Signer): Promise<void> => {
      const content = 'dsse-envelope';
      const entity = await signStatement(payload, with_, alone());
      const bundle = {
        bytes: encodeBundle(entity),
        mediaType: bundleMediaType,
        content,
        predicateType: signPredicateType,
      };
      await attachBundle(remote, descriptor, { ...bundle, content, created: new Date() });
    };
    await sign(signer);
    await sign(signer);
    const both = { signer: { kind: 'key', keys: [...key.keys, ...second.key.keys] } } as const;
    const once = await verifyImage(remote, digest, imagePolicy(both), new Date());
    assert.deepEqual([once.verified.length, once.signers], [2, 1]);
    await sign(second.signer);
    assert.equal((await verifyImage(remote, digest, imagePolicy(both), new Date())).signers, 2);
    const condition = (): never => {
      throw new VerificationError('CONDITION_UNMET', 'Not today', { check: 'condition' });
    };
    const judged = await verifyImage(remote, digest, imagePolicy({ ...both, condition }), new Date());
    assert.deepEqual(
      [judged.signers, judged.failed.map(({ error }) => error.code)],
      [0, Array(3).fill('CONDITION_UNMET')],
    );
  });
});
