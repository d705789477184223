import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { instantClock } from '../../../testing/registry/instant-clock.ts';
import { type LooseBundle, signMessage, startTestSigstore, type TestSigning } from '../../../testing/sigstore.ts';
import { openNetwork } from '../../net/open-network.ts';
import { parseBundle } from '../bundle/parse.ts';
import { KnownSignatures } from '../certificate/known-signatures.ts';
import type { SignedEntity } from '../entity.ts';
import { localSigner } from '../key/local-signer.ts';
import { generateKeyPair } from '../key/private-key.ts';
import { signMessage as signByKey } from '../sign/sign-entity.ts';
import { parseTrustedRoot } from '../trust/parse-trusted-root.ts';
import type { ValidityWindow } from '../trust/trust-material.ts';
import type { CertificatePolicy, VerificationPolicy } from './policy.ts';
import { exactly } from './text-matcher.ts';
import { matching } from './text-pattern.ts';
import { verifyEntity } from './verify-entity.ts';

const sigstore = await startTestSigstore();
const network = openNetwork({ clock: instantClock() });
after(async () => {
  await network[Symbol.asyncDispose]();
  await sigstore[Symbol.asyncDispose]();
});
const trust = parseTrustedRoot(Buffer.from(JSON.stringify(sigstore.trustedRoot)), 'of the test');
const bytes = Buffer.from('a message');
const issuer = sigstore.issuers.email;

function certificatePolicy(changes: Partial<CertificatePolicy> = {}): VerificationPolicy {
  const identities = [{ issuer: exactly(issuer), subject: exactly('dev@example.com') }];
  const signer = { kind: 'certificate', identities, claims: [], scts: 1, ...changes } as const;
  return { trust, signer, logs: 1, timestamps: 0 };
}

async function bundleOf(how: TestSigning = {}): Promise<LooseBundle> {
  return signMessage(sigstore, bytes, { rekor: 1, ...how });
}

function entityOf(bundle: LooseBundle): SignedEntity {
  return parseBundle(Buffer.from(JSON.stringify(bundle)));
}

function check(entity: SignedEntity, policy: VerificationPolicy = certificatePolicy()): Promise<unknown> {
  return verifyEntity(entity, { kind: 'bytes', bytes }, policy, new Date());
}

test('verifyEntity() lets every field of a policy bite (CVE-2026-48815, CVE-2025-29778)', async () => {
  const entity = entityOf(await bundleOf());
  await check(entity);
  const name = exactly('dev@example.com');
  const patterns = { issuer: matching('https?://.*'), subject: matching('.*@example\\.com') };
  await check(entity, certificatePolicy({ identities: [patterns] }));
  for (const identity of [
    { issuer: exactly(issuer), subject: exactly('dev@example.co') },
    { issuer: exactly(`${issuer}/`), subject: name },
    { ...patterns, subject: matching('.*@example\\.org') },
    { ...patterns, issuer: matching('https://accounts\\..*') },
    { ...patterns, subject: matching('dev') },
  ]) {
    await assert.rejects(check(entity, certificatePolicy({ identities: [identity] })), { code: 'IDENTITY_MISMATCH' });
  }
  await assert.rejects(check(entity, certificatePolicy({ identities: [] })), { code: 'IDENTITY_MISMATCH' });
  for (const claim of ['githubWorkflowRepository', 'githubWorkflowRef', 'githubWorkflowSha'] as const) {
    const claims = [{ claim, value: 'x' }];
    await assert.rejects(check(entity, certificatePolicy({ claims })), { code: 'IDENTITY_MISMATCH' });
  }
  await assert.rejects(check(entity, certificatePolicy({ scts: 2 })), { code: /^SCT_/ });
  await assert.rejects(check(entity, { ...certificatePolicy(), logs: 2 }), { code: 'LOG_ENTRY_MISSING' });
  await assert.rejects(check(entity, { ...certificatePolicy(), timestamps: 1 }), { code: /TIME/ });
});

test('verifyEntity() takes issuer and subject of one identity together', async () => {
  const entity = entityOf(await bundleOf());
  const identities = [
    { issuer: exactly(issuer), subject: exactly('other@example.com') },
    { issuer: exactly('https://accounts.example.com'), subject: exactly('dev@example.com') },
  ];
  await assert.rejects(check(entity, certificatePolicy({ identities })), { code: 'IDENTITY_MISMATCH' });
});

test('verifyEntity() takes the key where a certificate is wanted for nothing, and the reverse (GHSA-fx35-mq7g-6g98)', async () => {
  const { privateKey, publicKey } = await generateKeyPair('ecdsa-p256');
  const services = { network, logs: [{ url: sigstore.url, version: 1 }], timestampAuthorities: [] } as const;
  const byKey = await signByKey(bytes, localSigner(privateKey), services);
  const keys = { ...certificatePolicy(), signer: { kind: 'key', keys: [{ name: 'mine', key: publicKey }] } } as const;
  await check(byKey, keys);
  await assert.rejects(check(byKey), { code: 'SIGNER_KIND' });
  await assert.rejects(check(entityOf(await bundleOf()), keys), { code: 'SIGNER_KIND' });
  // A bare key in the place of a certificate is no certificate.
  const material = { kind: 'certificate', certificates: [publicKey.spki] } as const;
  await assert.rejects(check({ ...byKey, material }), { code: 'CERTIFICATE_MALFORMED' });
  await assert.rejects(check({ ...byKey, material }, keys), { code: 'SIGNER_KIND' });
});

test('verifyEntity() keeps to the time of a key (CVE-2026-54787)', async () => {
  const { privateKey, publicKey } = await generateKeyPair('ecdsa-p256');
  const services = {
    network,
    logs: [{ url: sigstore.url, version: 1 }],
    timestampAuthorities: [sigstore.tsaUrl],
  } as const;
  const entity = await signByKey(bytes, localSigner(privateKey), services);
  const policy = (window: ValidityWindow): VerificationPolicy => ({
    ...certificatePolicy(),
    signer: { kind: 'key', keys: [{ name: 'mine', key: publicKey, window }] },
  });
  const at = (hours: number): Date => new Date(Date.now() + hours * 3_600_000);
  await check(entity, policy({ start: at(-1), end: at(1) }));
  await check(entity, policy({ start: at(-1) }));
  for (const window of [{ start: at(1) }, { start: at(-2), end: at(-1) }, { end: at(1) }, {}]) {
    await assert.rejects(check(entity, policy(window)), { code: 'NOT_VALID_THEN' });
  }
  const unproven = { ...entity, logEntries: [], timestamps: [] };
  const nobody = { ...policy({ start: at(-1), end: at(1) }), logs: 0 };
  await assert.rejects(check(unproven, nobody), { code: 'NOT_VALID_THEN' });
});

test('verifyEntity() holds the certificate to its time with or without a log (CVE-2026-24122)', async () => {
  sigstore.faults.add({ kind: 'spoil', what: 'fulcio.expired-intermediate' });
  const expired = entityOf(await bundleOf());
  sigstore.faults.clear();
  await assert.rejects(check(expired), { code: /NOT_VALID_THEN|CERTIFICATE_UNTRUSTED/ });
  const unlogged = { ...certificatePolicy(), logs: 0 };
  const bare = { ...expired, logEntries: [] };
  await assert.rejects(check(bare, unlogged), { code: /NOT_VALID_THEN|CERTIFICATE_UNTRUSTED/ });
  const good = { ...entityOf(await bundleOf()), logEntries: [] };
  await check(good, unlogged);
  const artifact = { kind: 'bytes', bytes } as const;
  const tomorrow = new Date(Date.now() + 86_400_000);
  await assert.rejects(verifyEntity(good, artifact, unlogged, tomorrow), { code: 'NOT_VALID_THEN' });
});

test('verifyEntity() wants a time that somebody vouches for, whatever the clock says', async () => {
  // A log of the second generation tells none.
  const untimed = entityOf(await bundleOf({ rekor: 2, timestamp: false }));
  await assert.rejects(check(untimed), { code: 'TIME_MISSING' });
  await check(entityOf(await bundleOf({ rekor: 2, timestamp: true })));
});

test('verifyEntity() takes no root from a bundle, which only the verifier may bring', async () => {
  const entity = entityOf(await bundleOf());
  assert.ok(entity.material.kind === 'certificate');
  const root = trust.authorities[0]?.certificates.at(-1)?.der as Buffer;
  const material = { kind: 'certificate', certificates: [...entity.material.certificates, root] } as const;
  await assert.rejects(check({ ...entity, material }), { code: 'SIGNATURE_MALFORMED' });
  // Older layouts carry the whole chain; it is trusted for nothing.
  await check({ ...entity, format: 'legacy', material });
});

test('verifyEntity() ties the log entry to this signature (CVE-2022-23649, CVE-2022-36056)', async () => {
  const [one, two] = [await bundleOf(), await bundleOf()];
  const swapped = structuredClone(one);
  swapped.verificationMaterial.tlogEntries = two.verificationMaterial.tlogEntries;
  await assert.rejects(check(entityOf(swapped)), { code: 'LOG_ENTRY_MISMATCH' });
  // Nor does it help to ask for no log: what is there must be right.
  const unlogged = { ...certificatePolicy(), logs: 0 };
  await assert.rejects(check(entityOf(swapped), unlogged), { code: 'LOG_ENTRY_MISMATCH' });
});

test('verifyEntity() takes no more of anything than honest signatures have', async () => {
  const entity = entityOf(await bundleOf());
  const [entry] = entity.logEntries;
  const [certificate] = entity.material.kind === 'certificate' ? entity.material.certificates : [];
  const many = <Part>(part: Part, count: number): Part[] => Array.from({ length: count }, () => part);
  for (const changes of [
    { logEntries: many(entry as NonNullable<typeof entry>, 33) },
    { timestamps: many(Buffer.alloc(1), 33) },
    { material: { kind: 'certificate', certificates: many(certificate as Buffer, 12) } as const },
  ]) {
    await assert.rejects(check({ ...entity, ...changes }), { code: 'SIGNATURE_TOO_LARGE' });
  }
  const material = { kind: 'certificate', certificates: [] } as const;
  await assert.rejects(check({ ...entity, material }), { code: 'SIGNATURE_MALFORMED' });
});

for (const [what, code] of [
  ['fulcio.server-usage', /^CERTIFICATE_/],
  ['fulcio.no-extended-usage', /^CERTIFICATE_/],
  ['fulcio.unknown-critical', /^CERTIFICATE_/],
  ['fulcio.authority-leaf', /^CERTIFICATE_/],
  ['fulcio.dns-name', /^IDENTITY_MISMATCH$/],
  ['fulcio.no-name', /^(?:IDENTITY_MISMATCH|CERTIFICATE_)/],
  ['fulcio.no-issuer', /^IDENTITY_MISMATCH$/],
  ['fulcio.empty-sct-list', /^SCT_/],
  ['fulcio.no-sct', /^SCT_/],
] as const) {
  test(`verifyEntity() refuses ${what}`, async () => {
    sigstore.faults.add({ kind: 'spoil', what });
    const entity = entityOf(await bundleOf());
    sigstore.faults.clear();
    await assert.rejects(check(entity), { code });
  });
}

test('verifyEntity() looks at every name of a certificate, not at the first alone', async () => {
  sigstore.faults.add({ kind: 'spoil', what: 'fulcio.two-names' });
  const entity = entityOf(await bundleOf());
  sigstore.faults.clear();
  await check(entity);
  const second = exactly('https://example.com/second');
  await check(entity, certificatePolicy({ identities: [{ issuer: exactly(issuer), subject: second }] }));
  const third = exactly('https://example.com/third');
  const nobody = certificatePolicy({ identities: [{ issuer: exactly(issuer), subject: third }] });
  await assert.rejects(check(entity, nobody), { code: 'IDENTITY_MISMATCH' });
});

test('verifyEntity() verifies once how the certificates of the trusted root vouch for each other', async () => {
  class Counting extends KnownSignatures {
    asked = 0;
    found = 0;
    override has(...pair: Parameters<KnownSignatures['has']>): boolean {
      const known = super.has(...pair);
      this.asked += 1;
      this.found += known ? 1 : 0;
      return known;
    }
  }
  const known = new Counting();
  const entity = entityOf(await bundleOf({ timestamp: true }));
  const policy = { ...certificatePolicy(), timestamps: 1, known };
  const counts: number[] = [];
  for (let round = 0; round < 2; round += 1) {
    await check(entity, policy);
    counts.push(known.found);
  }
  // The leaf and the stamp's own certificate are read anew each time, and so never known.
  assert.equal(counts[0], 0);
  assert.ok(known.found >= 1 && known.found < known.asked, `${known.found} of ${known.asked}`);
});
