import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { formatPem } from '../../src/codec/pem/pem.ts';
import { openNetwork } from '../../src/net/open-network.ts';
import { verifyBundle } from '../../src/signing/blob/verify-bundle.ts';
import { KnownSignatures } from '../../src/signing/certificate/known-signatures.ts';
import { parseKeyReference } from '../../src/signing/key/key-reference.ts';
import { loadVerificationKeys } from '../../src/signing/key/load-key.ts';
import { localSigner } from '../../src/signing/key/local-signer.ts';
import { generateKeyPair } from '../../src/signing/key/private-key.ts';
import { signMessage } from '../../src/signing/sign/sign-entity.ts';
import { parseTrustedRoot } from '../../src/signing/trust/parse-trusted-root.ts';
import { openTargets } from '../../src/signing/trust/tuf/open-targets.ts';
import { checkCertificateChain } from '../../src/signing/verify/check-certificate-chain.ts';
import { exactly } from '../../src/signing/verify/text-matcher.ts';
import { verifyEntity } from '../../src/signing/verify/verify-entity.ts';
import { temporaryDirectory } from '../../testing/image/temporary-directory.ts';
import { testKeyDeps } from '../../testing/key-deps.ts';
import { instantClock } from '../../testing/registry/instant-clock.ts';
import { signMessage as signKeyless, startTestSigstore } from '../../testing/sigstore.ts';
import { makeAuthority, makeSigner, type MadeCertificate, testTime } from '../../testing/signing/certificate-maker.ts';

const bytes = Buffer.from('what is signed');
const artifact = { kind: 'bytes', bytes } as const;

test('what was found out about one authority says nothing about another of the same name', () => {
  const [root, other] = [makeAuthority('root'), makeAuthority('root')];
  const middle = makeAuthority('middle', { issuer: root });
  const leaf = makeSigner(middle).parsed;
  const known = new KnownSignatures();
  const check = (...certificates: readonly MadeCertificate[]): unknown => {
    const window = { start: new Date(0) };
    const authorities = [{ uri: 'x', certificates: certificates.map(({ parsed }) => parsed), window }];
    return checkCertificateChain({ leaf, intermediates: [], authorities, times: [testTime], known });
  };
  for (let times = 0; times < 2; times += 1) {
    check(middle, root);
    // Its own signature of the intermediate is known by now, but that is not this root's.
    assert.throws(() => check(middle, other), { code: 'CERTIFICATE_UNTRUSTED' });
    assert.throws(() => check(makeAuthority('middle', { issuer: root }), root), { code: 'CERTIFICATE_UNTRUSTED' });
  }
});

test('a key that was replaced at its address verifies nothing more', async () => {
  const [mine, theirs] = await Promise.all([generateKeyPair('ecdsa-p256'), generateKeyPair('ecdsa-p256')]);
  let served = mine;
  const env: Record<string, string> = {};
  const api = () => ({ text: formatPem({ label: 'PUBLIC KEY', bytes: served.publicKey.spki }) });
  await using deps = await testKeyDeps({ 'example.com': api }, { env });
  const alone = { network: deps.network, logs: [], timestampAuthorities: [] };
  const entity = await signMessage(bytes, localSigner(mine.privateKey), alone);
  const look = async (reference: string): Promise<string> => {
    env['KEY'] = api().text;
    const keys = await loadVerificationKeys(parseKeyReference(reference), deps);
    const policy = {
      trust: { authorities: [], timestampAuthorities: [], logs: [], ctLogs: [] },
      signer: { kind: 'key', keys: keys.map((key) => ({ name: reference, key })) },
      logs: 0,
      timestamps: 0,
    } as const;
    return verifyEntity(entity, artifact, policy, new Date()).then(
      () => 'passed',
      (error: { code: string }) => error.code,
    );
  };
  for (const reference of ['https://example.com/cosign.pub', 'env://KEY']) {
    for (const [key, wanted] of [
      [mine, 'passed'],
      [theirs, 'SIGNATURE_WRONG'],
      [mine, 'passed'],
    ] as const) {
      served = key;
      assert.equal(await look(reference), wanted, reference);
    }
  }
});

test('who was taken out of the trusted root is trusted no more, once that is known', async () => {
  await using sigstore = await startTestSigstore();
  await using network = openNetwork({ clock: instantClock() });
  using folder = temporaryDirectory();
  const repository = { mirror: sigstore.tufUrl, folder: join(folder.path, 'tuf'), root: sigstore.tufRoot };
  const bundle = Buffer.from(JSON.stringify(await signKeyless(sigstore, bytes, { timestamp: true })));
  const identities = [{ subject: exactly('dev@example.com'), issuer: exactly(sigstore.issuers.email) }];
  const signer = { kind: 'certificate', identities, claims: [], scts: 1 } as const;
  let days = 0;
  const look = async (offline = false): Promise<string> => {
    const now = new Date(Date.now() + days * 86_400_000);
    const targets = await openTargets({ repository, ...(offline ? {} : { network }), now, warn: () => undefined });
    const trust = parseTrustedRoot((await targets('trusted_root.json')) ?? Buffer.alloc(0), 'root');
    return verifyBundle(bundle, artifact, { trust, signer, logs: 1, timestamps: 1 }, new Date()).then(
      () => 'passed',
      (error: { code: string }) => error.code,
    );
  };
  assert.equal(await look(), 'passed');
  for (const [field, outcome] of [
    ['certificateAuthorities', 'CERTIFICATE_UNTRUSTED'],
    ['tlogs', 'LOG_UNKNOWN'],
    ['ctlogs', 'SCT_WRONG'],
    ['timestampAuthorities', 'TIMESTAMP_UNTRUSTED'],
  ] as const) {
    for (const [changes, wanted] of [
      [{ [field]: [] }, outcome],
      [{}, 'passed'],
    ] as const) {
      const text = JSON.stringify({ ...sigstore.trustedRoot, ...changes });
      sigstore.publish([{ name: 'trusted_root.json', bytes: Buffer.from(text) }]);
      days += 2;
      assert.equal(await look(), wanted, field);
      assert.equal(await look(true), wanted, `${field}, offline`);
    }
  }
});
