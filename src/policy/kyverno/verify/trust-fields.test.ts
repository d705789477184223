import assert from 'node:assert/strict';
import { createPrivateKey, generateKeyPairSync, sign } from 'node:crypto';
import { after, test } from 'node:test';
import { pemOf, pemOfKey } from '../../../../testing/evidence/check-signers.ts';
import { openSignatureScene, outcomeOf, type SignatureScene } from '../../../../testing/evidence/signature-scene.ts';
import { entrySigners, kyvernoVersions, trustFields } from '../../../../testing/policy/verification-document.ts';
import { type MadeCertificate, makeAuthority, makeSigner } from '../../../../testing/signing/certificate-maker.ts';
import { signStatement, startTestSigstore, statementAbout } from '../../../../testing/sigstore.ts';
import { digestHex } from '../../../oci/digest.ts';
import { localSigner } from '../../../signing/key/local-signer.ts';
import type { CertifiedSigner } from '../../../signing/signer.ts';
import { parseTrustedRoot } from '../../../signing/trust/parse-trusted-root.ts';
import type { Attestor, KyvernoVerification } from '../document/verification/model.ts';

const sigstore = await startTestSigstore();
after(() => sigstore[Symbol.asyncDispose]());
const root = parseTrustedRoot(Buffer.from(JSON.stringify(sigstore.trustedRoot)), 'of the test');
const context: Parameters<SignatureScene['look']>[1] = { trust: { trust: root, logsForKeys: 0, timestamps: 0 } };
const logs = [{ url: sigstore.url, version: 1 }] as const;

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const mine = localSigner(privateKey);
const publicKeys = pemOfKey(mine.publicKey.spki);
const strange = pemOfKey(localSigner(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey).publicKey.spki);
const logKey = pemOfKey(root.logs[0]?.key.spki as Buffer);
const certificateLogKey = pemOfKey(root.ctLogs[0]?.key.spki as Buffer);
const fulcio = pemOf(...(root.authorities[0]?.certificates ?? []));
const stamps = pemOf(...root.timestampAuthorities.flatMap(({ certificates }) => certificates));
const elsewhere = pemOf(makeAuthority('elsewhere'));

const ca = makeAuthority('our root');
const leaf = makeSigner(ca, {
  notBefore: new Date(Date.now() - 3_600_000),
  notAfter: new Date(Date.now() + 3_600_000),
});
const twin = makeSigner(ca, { notBefore: leaf.parsed.notBefore, notAfter: leaf.parsed.notAfter });

function certified(certificate: MadeCertificate): CertifiedSigner {
  const key = certificate.keys.privateKey;
  const { publicKey, hash } = localSigner(createPrivateKey(key.export({ type: 'pkcs8', format: 'pem' })));
  const signed = (message: Uint8Array): Promise<Buffer> => Promise.resolve(sign('sha256', message, key));
  return { publicKey, hash, sign: signed, certificates: [certificate.der] };
}

/** Images that are signed in different ways. */
const scenes = {
  logged: (scene: SignatureScene) => scene.signByBundle(mine, { services: { logs } }),
  unlogged: (scene: SignatureScene) => scene.signByBundle(mine),
  stamped: (scene: SignatureScene) =>
    scene.signByBundle(mine, { services: { timestampAuthorities: [sigstore.tsaUrl] } }),
  sha512: (scene: SignatureScene) =>
    scene.signByTag({ ...mine, sign: (message) => Promise.resolve(sign('sha512', message, privateKey)) }),
  /** By a certificate of our own authority, which no log knows. */
  certified: (scene: SignatureScene) => scene.signByTag(certified(leaf)),
  /** By a certificate of Fulcio, with both logs. */
  async keyless(scene: SignatureScene) {
    const bundle = await signStatement(sigstore, statementAbout(digestHex(scene.digest)), {
      rekor: 1,
      issuer: 'github',
    });
    scene.attachBundle(Buffer.from(JSON.stringify(bundle)));
  },
};

/** A field of an attestor, the way the image is signed, one with which it counts, and one with which it does not. */
type TrustCase = readonly [field: string, scene: keyof typeof scenes, counts: Attestor, not: Attestor];

const rekor = { url: 'https://rekor.sigstore.dev' };
const unlogged = { rekor: { ...rekor, ignoreTlog: true } };
const offline = { ...unlogged, ctlog: { ignoreSCT: true } };
const key = (more: Attestor['keys'] = {}): Attestor => ({ keys: { publicKeys, ...more } });
const certificate = (more: Attestor['certificates']): Attestor => ({ certificates: { rekor, ...more } });
const anybody = { issuerRegExp: '.', subjectRegExp: '^https' };
const keyless = (more: Attestor['keyless']): Attestor => ({ keyless: { rekor, ...anybody, ...more } });
const ours = { roots: pemOf(ca), subject: 'https://example.com/signer', subjectRegExp: '', issuerRegExp: '' };

const cases: readonly TrustCase[] = [
  [
    'keys.signatureAlgorithm',
    'sha512',
    key({ ...unlogged, signatureAlgorithm: 'sha512' }),
    key({ ...unlogged, signatureAlgorithm: 'sha384' }),
  ],
  [
    'signatureAlgorithm',
    'sha512',
    { ...key(unlogged), signatureAlgorithm: 'sha512' },
    { ...key(unlogged), signatureAlgorithm: 'sha384' },
  ],
  ['keys.rekor.ignoreTlog', 'unlogged', key(unlogged), key({ rekor })],
  [
    'keys.rekor.pubkey',
    'logged',
    key({ rekor: { ...rekor, pubkey: logKey } }),
    key({ rekor: { ...rekor, pubkey: strange } }),
  ],
  [
    'keys.ctlog.tsaCertChain',
    'stamped',
    key({ ...unlogged, ctlog: { tsaCertChain: stamps } }),
    key({ ...unlogged, ctlog: { tsaCertChain: elsewhere } }),
  ],
  [
    'certificates.cert',
    'certified',
    certificate({ ...offline, cert: pemOf(leaf) }),
    certificate({ ...offline, cert: pemOf(twin) }),
  ],
  [
    'certificates.certChain',
    'certified',
    certificate({ ...offline, certChain: pemOf(ca) }),
    certificate({ ...offline, certChain: elsewhere }),
  ],
  [
    'certificates.rekor.ignoreTlog',
    'certified',
    certificate({ ...offline, cert: pemOf(leaf) }),
    certificate({ ...offline, rekor, cert: pemOf(leaf) }),
  ],
  [
    'certificates.rekor.pubkey',
    'keyless',
    certificate({ certChain: fulcio, rekor: { ...rekor, pubkey: logKey } }),
    certificate({ certChain: fulcio, rekor: { ...rekor, pubkey: strange } }),
  ],
  [
    'certificates.ctlog.ignoreSCT',
    'certified',
    certificate({ ...offline, certChain: pemOf(ca) }),
    certificate({ ...unlogged, certChain: pemOf(ca) }),
  ],
  [
    'certificates.ctlog.pubkey',
    'keyless',
    certificate({ certChain: fulcio, ctlog: { pubkey: certificateLogKey } }),
    certificate({ certChain: fulcio, ctlog: { pubkey: strange } }),
  ],
  [
    'certificates.ctlog.tsaCertChain',
    'keyless',
    certificate({ certChain: fulcio }),
    certificate({ certChain: fulcio, ctlog: { tsaCertChain: stamps } }),
  ],
  ['keyless.roots', 'certified', keyless({ ...offline, ...ours }), keyless({ ...offline, ...ours, roots: elsewhere })],
  ['keyless.rekor.ignoreTlog', 'certified', keyless({ ...offline, ...ours }), keyless({ ...offline, ...ours, rekor })],
  [
    'keyless.rekor.pubkey',
    'keyless',
    keyless({ rekor: { ...rekor, pubkey: logKey } }),
    keyless({ rekor: { ...rekor, pubkey: strange } }),
  ],
  ['keyless.ctlog.ignoreSCT', 'certified', keyless({ ...offline, ...ours }), keyless({ ...unlogged, ...ours })],
  [
    'keyless.ctlog.pubkey',
    'keyless',
    keyless({ ctlog: { pubkey: certificateLogKey } }),
    keyless({ ctlog: { pubkey: strange } }),
  ],
  ['keyless.ctlog.tsaCertChain', 'keyless', keyless({}), keyless({ ctlog: { tsaCertChain: stamps } })],
];

test('§2.2 there is a case for each field that says what a signature must be vouched for by', () => {
  assert.deepEqual(cases.map(([field]) => field).sort(), [...trustFields].sort());
});

for (const [field, how, counts, not] of cases) {
  test(`§2.2 ${field} decides whether a signature counts that is ${how}`, async () => {
    await using scene = await openSignatureScene();
    await scenes[how](scene);
    const outcome = async (version: (typeof kyvernoVersions)[number], attestor: Attestor): Promise<boolean> => {
      const entry: KyvernoVerification = { imageReferences: ['*'], attestors: [{ entries: [attestor] }] };
      const checks = Object.values(await scene.look(await entrySigners(version, entry), context));
      assert.equal(checks.length, 1);
      const said = outcomeOf(checks[0]);
      assert.doesNotMatch(said, /unavailable|absent|not looked/);
      return said === 'verified';
    };
    for (const version of kyvernoVersions) {
      assert.deepEqual([await outcome(version, counts), await outcome(version, not)], [true, false]);
    }
  });
}

test('§2.2 roots of version 1 decides whether a signature counts', async () => {
  await using scene = await openSignatureScene();
  await scenes.keyless(scene);
  const outcome = async (roots: string): Promise<string> => {
    const entry = { imageReferences: ['*'], issuer: 'http*', subject: 'https*', roots };
    const [check] = Object.values(await scene.look(await entrySigners('kyverno.io/v1', entry), context));
    return outcomeOf(check);
  };
  assert.equal(await outcome(fulcio), 'verified');
  assert.match(await outcome(elsewhere), /No trusted authority issued/);
  const entry = { imageReferences: ['*'], roots: fulcio };
  await assert.rejects(entrySigners('kyverno.io/v2beta1', entry), /it is refused/);
});
