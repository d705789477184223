import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { openNetwork } from '../../src/net/open-network.ts';
import type { Network } from '../../src/net/network.ts';
import { fetchManifest } from '../../src/oci/client/fetch-manifest.ts';
import { RegistryClient } from '../../src/oci/client/registry-client.ts';
import type { RemoteRepository } from '../../src/oci/client/remote-repository.ts';
import type { Digest } from '../../src/oci/digest.ts';
import { verifyBundle } from '../../src/signing/blob/verify-bundle.ts';
import { encodeBundle } from '../../src/signing/bundle/encode.ts';
import { bundleMediaType } from '../../src/signing/bundle/media-type.ts';
import { attachBundle } from '../../src/signing/cosign/write-bundle.ts';
import { type ImagePolicy, type ImageVerification, verifyImage } from '../../src/signing/image/verify-image.ts';
import { parseSimpleSigning } from '../../src/signing/image/simple-signing.ts';
import { localSigner } from '../../src/signing/key/local-signer.ts';
import { generateKeyPair } from '../../src/signing/key/private-key.ts';
import { signStatement as signOwn } from '../../src/signing/sign/sign-entity.ts';
import { buildSignStatement, buildStatement } from '../../src/signing/statement/build.ts';
import { predicateTypes, signPredicateType } from '../../src/signing/statement/predicate-type.ts';
import { parseTrustedRoot } from '../../src/signing/trust/parse-trusted-root.ts';
import { refreshTufRepository } from '../../src/signing/trust/tuf/refresh.ts';
import type { CertificatePolicy, KeyPolicy, VerificationPolicy } from '../../src/signing/verify/policy.ts';
import { exactly } from '../../src/signing/verify/text-matcher.ts';
import { matching } from '../../src/signing/verify/text-pattern.ts';
import { verifyStatement } from '../../src/signing/verify/verify-statement.ts';
import type { Spoil } from '../../src/sigstore-dev/fault.ts';
import type { Sigstore } from '../../src/sigstore-dev/sigstore.ts';
import { temporaryDirectory } from '../../testing/image/temporary-directory.ts';
import { makeSyntheticImage, storeImage, storeIndex } from '../../testing/registry/synthetic-image.ts';
import { startTestRegistry, type TestRegistry } from '../../testing/registry/test-registry.ts';
import {
  signMessage,
  signStatement,
  startTestSigstore,
  statementAbout,
  type TestSigning,
} from '../../testing/sigstore.ts';

const bytes = Buffer.from('what is signed');
const sha256 = createHash('sha256').update(bytes).digest('hex');
const artifact = { kind: 'bytes', bytes } as const;

describe('signing attacks', () => {
  let sigstore: Sigstore;
  let registry: TestRegistry;
  let network: Network;
  before(async () => {
    sigstore = await startTestSigstore();
    registry = await startTestRegistry();
    network = openNetwork();
  });
  after(async () => {
    await network[Symbol.asyncDispose]();
    await registry.close();
    await sigstore[Symbol.asyncDispose]();
  });

  const trusting = (signer: KeyPolicy | CertificatePolicy, logs: number): VerificationPolicy => ({
    trust: parseTrustedRoot(Buffer.from(JSON.stringify(sigstore.trustedRoot)), 'root'),
    signer,
    logs,
    timestamps: 0,
  });
  const signedBy = (changes: Partial<CertificatePolicy> = {}): CertificatePolicy => ({
    kind: 'certificate',
    identities: [{ subject: exactly('dev@example.com'), issuer: exactly(sigstore.issuers.email) }],
    claims: [],
    scts: 1,
    ...changes,
  });
  /** The code of the refusal; `passed` where there is none. */
  const judge = async (bundle: unknown, policy: VerificationPolicy, now = new Date()): Promise<string> => {
    try {
      await verifyBundle(Buffer.from(JSON.stringify(bundle)), artifact, policy, now);
      return 'passed';
    } catch (error) {
      return (error as { code: string }).code;
    }
  };
  const ownKey = async (): Promise<{ readonly signer: ReturnType<typeof localSigner>; readonly policy: KeyPolicy }> => {
    const { privateKey, publicKey } = await generateKeyPair('ecdsa-p256');
    return { signer: localSigner(privateKey), policy: { kind: 'key', keys: [{ name: 'mine', key: publicKey }] } };
  };
  const alone = () => ({ network, logs: [], timestampAuthorities: [] });
  const remote = (repository: string): RemoteRepository => ({
    client: new RegistryClient(network, registry.host),
    repository,
  });
  const imagePolicy = (signer: KeyPolicy, changes: Partial<ImagePolicy> = {}): ImagePolicy => ({
    ...trusting(signer, 0),
    annotations: new Map(),
    checkSubject: true,
    wanted: { kind: 'signature' },
    layouts: ['bundle', 'legacy'],
    signers: 1,
    allowCertificateChain: false,
    ...changes,
  });
  const attach = async (
    to: RemoteRepository,
    digest: Digest,
    payload: Buffer,
    predicateType: string,
    signer: Parameters<typeof signOwn>[1],
  ) => {
    const entity = await signOwn(payload, signer, alone());
    const { descriptor } = await fetchManifest(to.client, to.repository, digest);
    const content = 'dsse-envelope';
    const bundle = {
      bytes: encodeBundle(entity),
      mediaType: bundleMediaType,
      content,
      predicateType,
      created: new Date(),
    } as const;
    await attachBundle(to, descriptor, bundle);
  };
  const codesOf = ({ verified, failed }: ImageVerification): string[] => [
    ...verified.map(() => 'passed'),
    ...failed.map(({ error }) => error.code),
  ];
  const store = (repository: string): Digest =>
    storeImage(registry.store, repository, 'v1', makeSyntheticImage([{ name: repository }])) as Digest;

  /** What each spoilt answer ends in: of Rekor v1 without a stamp, and of v2 with one. */
  const spoilt: readonly (readonly [what: Spoil, code: string, rekor?: 1 | 2])[] = [
    ['fulcio.expired-leaf', 'NOT_VALID_THEN'],
    ['fulcio.future-leaf', 'NOT_VALID_THEN'],
    // Trusted roots bring their own intermediates; that of the bundle's maker is not among them.
    ['fulcio.expired-intermediate', 'CERTIFICATE_UNTRUSTED'],
    ['fulcio.other-authority', 'CERTIFICATE_UNTRUSTED'],
    ['fulcio.wrong-signature', 'CERTIFICATE_UNTRUSTED'],
    ['fulcio.no-sct', 'SCT_MISSING'],
    ['fulcio.wrong-sct', 'SCT_WRONG'],
    ['fulcio.empty-sct-list', 'SCT_MISSING'],
    ['fulcio.no-extended-usage', 'CERTIFICATE_PURPOSE'],
    ['fulcio.server-usage', 'CERTIFICATE_PURPOSE'],
    ['fulcio.authority-leaf', 'CERTIFICATE_PURPOSE'],
    ['fulcio.unknown-critical', 'CERTIFICATE_PURPOSE'],
    ['fulcio.no-name', 'IDENTITY_MISMATCH'],
    ['fulcio.dns-name', 'IDENTITY_MISMATCH'],
    ['fulcio.no-issuer', 'IDENTITY_MISMATCH'],
    // The name that was asked for is there, beside another.
    ['fulcio.two-names', 'passed'],
    ['rekor.wrong-promise', 'LOG_PROOF_WRONG'],
    ['rekor.wrong-proof', 'LOG_PROOF_WRONG'],
    ['rekor.wrong-root', 'LOG_PROOF_WRONG'],
    ['rekor.wrong-checkpoint', 'LOG_PROOF_WRONG'],
    ['rekor.wrong-log', 'LOG_UNKNOWN'],
    ['rekor.other-body', 'LOG_ENTRY_MISMATCH'],
    ['rekor.future-time', 'LOG_PROOF_WRONG'],
    ['rekor.past-time', 'NOT_VALID_THEN'],
    ['rekor.wrong-index', 'LOG_PROOF_WRONG', 2],
    ['rekor.wrong-proof', 'LOG_PROOF_WRONG', 2],
    ['rekor.wrong-checkpoint', 'LOG_PROOF_WRONG', 2],
    ['rekor.other-body', 'LOG_ENTRY_MISMATCH', 2],
    ['tsa.wrong-signature', 'TIMESTAMP_WRONG', 2],
    ['tsa.wrong-imprint', 'TIMESTAMP_WRONG', 2],
    ['tsa.expired-chain', 'TIMESTAMP_UNTRUSTED', 2],
    ['tsa.no-usage', 'TIMESTAMP_UNTRUSTED', 2],
    ['tsa.other-authority', 'TIMESTAMP_UNTRUSTED', 2],
    ['tsa.future-time', 'NOT_VALID_THEN', 2],
    ['tsa.past-time', 'NOT_VALID_THEN', 2],
  ];
  for (const [what, code, rekor = 1] of spoilt) {
    test(`what services spoil: ${what} with Rekor v${rekor}`, async () => {
      const how: TestSigning = { rekor };
      // The first entry of a log has an empty proof, of which nothing can be changed.
      await signMessage(sigstore, Buffer.from('first'), how);
      assert.equal(await judge(await signMessage(sigstore, bytes, how), trusting(signedBy(), 1)), 'passed');
      sigstore.faults.add({ kind: 'spoil', what });
      const bundle = await signMessage(sigstore, bytes, how).finally(() => sigstore.faults.clear());
      assert.equal(await judge(bundle, trusting(signedBy(), 1)), code);
    });
  }

  test('without a log, a certificate must hold now', async () => {
    const bundle = await signMessage(sigstore, bytes, { rekor: 0 });
    const asked = trusting(signedBy(), 0);
    assert.equal(await judge(bundle, asked), 'passed');
    assert.equal(await judge(bundle, trusting(signedBy(), 1)), 'LOG_ENTRY_MISSING');
    assert.equal(await judge(bundle, asked, new Date(Date.now() + 3_600_000)), 'NOT_VALID_THEN');
  });

  test('a statement about something else, and an envelope whose log entry is of another', async () => {
    const [ours, other] = await Promise.all(
      [sha256, 'ab'.repeat(32)].map((hex) => signStatement(sigstore, statementAbout(hex))),
    );
    assert.equal(await judge(ours, trusting(signedBy(), 1)), 'passed');
    assert.equal(await judge(other, trusting(signedBy(), 1)), 'ARTIFACT_MISMATCH');
    const { tlogEntries } = other.verificationMaterial;
    const mixed = { ...ours, verificationMaterial: { ...ours.verificationMaterial, tlogEntries } };
    assert.equal(await judge(mixed, trusting(signedBy(), 1)), 'LOG_ENTRY_MISMATCH');
    const swapped = { ...ours, dsseEnvelope: { ...ours.dsseEnvelope, payloadType: 'application/json' } };
    assert.notEqual(await judge(swapped, trusting(signedBy(), 0)), 'passed');
  });

  test('every wish of a policy bites', async () => {
    const claims = { job_workflow_ref: 'example/app/.github/workflows/a.yml@refs/heads/main' };
    const bundle = await signMessage(sigstore, bytes, { issuer: 'github', claims });
    const subject = matching('https://github\\.com/example/app/.*');
    const issuer = exactly(sigstore.issuers.github);
    const taken = await verifyBundle(
      Buffer.from(JSON.stringify(bundle)),
      artifact,
      trusting(signedBy({ identities: [{ subject, issuer }] }), 1),
      new Date(),
    );
    assert.ok(taken.signer.kind === 'certificate');
    const found = Object.entries(taken.signer.identity.claims) as [keyof typeof taken.signer.identity.claims, string][];
    assert.ok(found.length > 10, 'there are claims to ask for');
    for (const [claim, value] of found) {
      const asking = (wanted: string): CertificatePolicy =>
        signedBy({ identities: [{ subject, issuer }], claims: [{ claim, value: wanted }] });
      assert.equal(await judge(bundle, trusting(asking(value), 1)), 'passed', claim);
      assert.equal(await judge(bundle, trusting(asking(`${value}x`), 1)), 'IDENTITY_MISMATCH', claim);
    }
    const absent = signedBy({
      identities: [{ subject, issuer }],
      claims: [{ claim: 'deploymentEnvironment', value: 'x' }],
    });
    assert.equal(await judge(bundle, trusting(absent, 1)), 'IDENTITY_MISMATCH');
    for (const identities of [
      [{ subject: matching('https://github\\.com/example/ap'), issuer }],
      [{ subject: matching('github\\.com/example/app'), issuer }],
      [{ subject, issuer: matching('.*\\.example') }],
      [{ subject: exactly('dev@example.com'), issuer }],
      // Issuer and subject belong together.
      [
        { subject, issuer: exactly(sigstore.issuers.email) },
        { subject: exactly('dev@example.com'), issuer },
      ],
      [],
    ]) {
      assert.equal(await judge(bundle, trusting(signedBy({ identities }), 1)), 'IDENTITY_MISMATCH');
    }
  });

  test('a certificate where a key was asked for, and the reverse', async () => {
    const { signer, policy } = await ownKey();
    const keyless = await signMessage(sigstore, bytes);
    assert.equal(await judge(keyless, trusting(policy, 1)), 'SIGNER_KIND');
    const entity = await signOwn(
      buildStatement('app', { algorithm: 'sha256', hex: sha256 }, 'https://example.com', {}),
      signer,
      alone(),
    );
    const bundle = JSON.parse(encodeBundle(entity).toString()) as unknown;
    assert.equal(await judge(bundle, trusting(policy, 0)), 'passed');
    assert.equal(await judge(bundle, trusting(signedBy(), 0)), 'SIGNER_KIND');
    assert.equal(await judge(bundle, trusting((await ownKey()).policy, 0)), 'SIGNATURE_WRONG');
  });

  test('a key outside its window', async () => {
    const { signer, policy } = await ownKey();
    const [key] = policy.keys;
    assert.ok(key !== undefined);
    const payload = buildStatement('app', { algorithm: 'sha256', hex: sha256 }, 'https://example.com', {});
    const stamped = { ...alone(), timestampAuthorities: [sigstore.tsaUrl] };
    const [bare, timed] = [await signOwn(payload, signer, alone()), await signOwn(payload, signer, stamped)];
    const within = (start: number, end: number): KeyPolicy => ({
      kind: 'key',
      keys: [{ ...key, window: { start: new Date(Date.now() + start), end: new Date(Date.now() + end) } }],
    });
    const asked = async (entity: typeof bare, signerPolicy: KeyPolicy): Promise<string> =>
      judge(JSON.parse(encodeBundle(entity).toString()), trusting(signerPolicy, 0));
    assert.equal(await asked(timed, within(-60_000, 60_000)), 'passed');
    assert.equal(await asked(timed, within(-120_000, -60_000)), 'NOT_VALID_THEN');
    assert.equal(await asked(timed, within(60_000, 120_000)), 'NOT_VALID_THEN');
    // Nothing says when.
    assert.equal(await asked(bare, within(-60_000, 60_000)), 'NOT_VALID_THEN');
  });

  test('a payload that is no statement, and a statement of another type', async () => {
    const { signer, policy } = await ownKey();
    const asking = { ...trusting(policy, 0), annotations: new Map<string, string>(), checkSubject: true };
    const codeOf = async (payload: Buffer, predicateType?: string): Promise<string> => {
      const entity = await signOwn(payload, signer, alone());
      const wanted = predicateType === undefined ? asking : { ...asking, predicateType };
      return verifyStatement(entity, artifact, wanted, new Date()).then(
        () => 'passed',
        (error: { code: string }) => error.code,
      );
    };
    for (const payload of ['', 'null', '[]', '{"_type":"x"}', 'no json', '{"subject":[],"subject":[]}']) {
      assert.equal(await codeOf(Buffer.from(payload)), 'SIGNATURE_MALFORMED', payload);
    }
    const spdx = buildStatement('app', { algorithm: 'sha256', hex: sha256 }, predicateTypes.spdxjson, {});
    assert.equal(await codeOf(spdx, predicateTypes.spdxjson), 'passed');
    assert.equal(await codeOf(spdx, predicateTypes.openvex), 'PREDICATE_TYPE_MISMATCH');
    assert.equal(await codeOf(spdx, `${predicateTypes.spdxjson}/v9x`), 'PREDICATE_TYPE_MISMATCH');
  });

  test('an attestation does not sign, and annotations that nobody signed are not there', async () => {
    const { signer, policy } = await ownKey();
    const digest = store('attested');
    const to = remote('attested');
    const subject = { algorithm: 'sha256', hex: digest.slice(7) } as const;
    const look = (changes?: Partial<ImagePolicy>) => verifyImage(to, digest, imagePolicy(policy, changes), new Date());
    await attach(to, digest, buildStatement('app', subject, predicateTypes.spdxjson, {}), signPredicateType, signer);
    // Neither for its own words nor for those of the manifest, which nobody signed.
    assert.deepEqual(codesOf(await look()), ['PREDICATE_TYPE_MISMATCH']);
    assert.deepEqual(codesOf(await look({ wanted: { kind: 'attestation' } })), ['passed']);
    await attach(to, digest, buildSignStatement(subject, new Map([['env', 'prod']])), signPredicateType, signer);
    assert.equal((await look()).signers, 1);
    assert.equal((await look({ annotations: new Map([['env', 'prod']]) })).signers, 1);
    for (const annotations of [
      new Map([['env', 'test']]),
      new Map([
        ['env', 'prod'],
        ['team', 'a'],
      ]),
    ]) {
      assert.equal((await look({ annotations })).signers, 0);
    }
  });

  test('an index that is signed does not sign its images, nor one image another', async () => {
    const { signer, policy } = await ownKey();
    const images = {
      amd64: makeSyntheticImage([{ a: '1' }], 'amd64'),
      arm64: makeSyntheticImage([{ a: '1' }], 'arm64'),
    };
    const index = storeIndex(registry.store, 'index', 'v1', images) as Digest;
    const child = storeImage(registry.store, 'index', 'amd64', images.amd64) as Digest;
    const to = remote('index');
    const payload = buildSignStatement({ algorithm: 'sha256', hex: index.slice(7) }, new Map());
    await attach(to, index, payload, signPredicateType, signer);
    assert.deepEqual(codesOf(await verifyImage(to, index, imagePolicy(policy), new Date())), ['passed']);
    assert.deepEqual(codesOf(await verifyImage(to, child, imagePolicy(policy), new Date())), []);
    // Its bundle, hung on another image.
    await attach(to, child, payload, signPredicateType, signer);
    assert.deepEqual(codesOf(await verifyImage(to, child, imagePolicy(policy), new Date())), ['ARTIFACT_MISMATCH']);
  });

  test('payloads of the older form are read letter by letter', () => {
    const image = { 'docker-manifest-digest': 'sha256:aa' };
    const critical = { identity: { 'docker-reference': 'a' }, image, type: 'cosign container image signature' };
    assert.equal(parseSimpleSigning(Buffer.from(JSON.stringify({ critical, optional: null }))).digest, 'sha256:aa');
    for (const text of [
      JSON.stringify({ critical: { ...critical, image: { 'Docker-Manifest-Digest': 'sha256:aa' } } }),
      JSON.stringify({ critical: { ...critical, image: { ...image, 'Docker-Manifest-Digest': 'sha256:bb' } } }),
      JSON.stringify({ critical: { ...critical, Image: { 'docker-manifest-digest': 'sha256:bb' } } }),
      JSON.stringify({ critical: { ...critical, type: 'atomic container signature' } }),
      JSON.stringify({ critical: { ...critical, image: {} } }),
      '{"critical":{},"critical":{}}',
      '{"__proto__":{"critical":{}}}',
    ]) {
      assert.throws(() => parseSimpleSigning(Buffer.from(text)), { code: 'SIGNATURE_MALFORMED' }, text);
    }
  });

  test('a hostile TUF repository is not believed', async () => {
    for (const [what, code] of [
      ['tuf.expired-timestamp', /^TRUSTED_ROOT_/],
      ['tuf.wrong-signature', /^TRUSTED_ROOT_/],
      ['tuf.wrong-target', /^TRUSTED_ROOT_/],
    ] as const) {
      using folder = temporaryDirectory();
      const repository = { mirror: sigstore.tufUrl, folder: join(folder.path, 'tuf'), root: sigstore.tufRoot };
      sigstore.faults.add({ kind: 'spoil', what });
      const error = await refreshTufRepository(repository, network, new Date()).then(
        () => assert.fail(`${what} was believed`),
        (reason: { code: string }) => reason,
      );
      sigstore.faults.clear();
      assert.match(error.code, code, what);
      // Another root than the one that the user was given.
      const other = await startTestSigstore();
      await assert.rejects(refreshTufRepository({ ...repository, root: other.tufRoot }, network, new Date()), { code });
      await other[Symbol.asyncDispose]();
      assert.ok((await refreshTufRepository(repository, network, new Date())).targets.has('trusted_root.json'));
    }
  });
});
