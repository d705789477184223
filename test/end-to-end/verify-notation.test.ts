import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { notationType } from '../../src/signing/cosign/media-types.ts';
import { storeArtifact } from '../../testing/registry/attached.ts';
import type { StoredManifest } from '../../testing/registry/store.ts';
import { startTestRegistry, type TestRegistry } from '../../testing/registry/test-registry.ts';
import { type NotationLab, openNotationLab } from '../../testing/signing/notation/lab.ts';
import { caseRepository, layOut } from '../../testing/signing/notation/lay-out.ts';
import { makeSyntheticImage, storeImage } from '../../testing/registry/synthetic-image.ts';
import { type Case, middle, now, other, root, signer } from '../../testing/signing/notation/material.ts';
import { trustCases } from '../../testing/signing/notation/trust-cases.ts';
import { type Ended, run } from './program.ts';

let lab: NotationLab;
let registry: TestRegistry;

before(async () => {
  lab = openNotationLab();
  registry = await startTestRegistry();
});

after(() => Promise.all([lab[Symbol.asyncDispose](), registry.close()]));

/** The program with the configuration of notation that a case brings. */
function verify(image: string, ...args: readonly string[]): Promise<Ended> {
  const env = { HOME: lab.folder, XDG_CONFIG_HOME: lab.folder };
  return run(['verify-notation', ...args, `${registry.host}/${caseRepository}${image}`], { env, cwd: lab.folder });
}

const signed: Case = {
  payload: ({ targetArtifact }) => ({ targetArtifact: { ...targetArtifact, annotations: { build: 'a,b' } } }),
  statement: { trustedIdentities: ['x509.subject: C=US, ST=WA, O=acme'] },
};

test('verify-notation tells by whom an image is signed, and what was checked', async () => {
  const digest = layOut(lab, registry, 'good', signed);
  const good = await verify(`@${digest}`, '-m', 'build=a,b');
  assert.equal(good.status, 0, good.stderr);
  assert.match(good.stderr, /^Verified .*: 1 signature holds, by the statement "all" of the trust policy$/m);
  assert.match(
    good.stderr,
    /checked: shape, signature, certificate-chain, identity, expiry, timestamp, revocation, subject, annot/,
  );
  assert.doesNotMatch(good.stderr, /not checked/);
  const [element, ...more] = JSON.parse(good.stdout) as Record<string, Record<string, unknown>>[];
  assert.deepEqual(more, []);
  assert.deepEqual(element?.['critical']?.['image'], { 'docker-manifest-digest': digest });
  assert.deepEqual(element?.['optional'], { build: 'a,b', Subject: 'C=US, ST=WA, O=acme, CN=signer' });

  const text = await verify(`@${digest}`, '-o', 'text');
  assert.deepEqual(JSON.parse(text.stdout), element);
  const [report] = JSON.parse((await verify(`@${digest}`, '-o', 'report')).stdout) as Record<string, unknown>[];
  assert.equal(report?.['passed'], true);
  assert.deepEqual(report?.['policy'], { name: 'all', level: 'strict' });
  const [one] = (report?.['signatures'] ?? []) as Record<string, Record<string, unknown>>[];
  assert.equal(one?.['format'], 'jws');
  assert.equal(one?.['signer']?.['trustStore'], 'ca:acme');
  assert.deepEqual(one?.['checks']?.['waived'], []);
});

test('verify-notation accepts no certificate that may have been revoked, unless the policy says so', async () => {
  const revocable = trustCases['a certificate that says where revoked ones are listed'];
  const strict = await verify(`@${layOut(lab, registry, 'revocable', { ...signed, ...revocable })}`);
  assert.equal(strict.status, 12);
  assert.match(strict.stderr, /REVOCATION_UNKNOWN: Whether the certificate .+ was revoked is not known/);
  assert.match(strict.stderr, /found: {2}the address of a revocation list/);
  assert.match(strict.stderr, /wanted: .+"override": \{ "revocation": "log" \} or "skip"/);
  for (const [revocation, said] of [
    ['log', /failed, and the policy only logs it: REVOCATION_UNKNOWN/],
    ['skip', /not checked, as the policy skips it: revocation/],
  ] as const) {
    const level = { level: 'strict', override: { revocation } };
    const ended = await verify(`@${layOut(lab, registry, 'revocable', { ...signed, ...revocable, level })}`);
    assert.equal(ended.status, 0, ended.stderr);
    assert.match(ended.stderr, said);
  }
});

test('verify-notation tells why an image is not signed as it should be', async () => {
  const digest = layOut(lab, registry, 'bad', signed);
  const wrong = await verify(`@${digest}`, '-a', 'build=c');
  assert.equal(wrong.status, 12);
  assert.equal(wrong.stdout, '');
  assert.match(wrong.stderr, /ANNOTATION_MISMATCH/);
  assert.match(wrong.stderr, /found: {2}build=a,b/);
  assert.match(wrong.stderr, /wanted: build=c/);
  assert.match(wrong.stderr, /^error NO_MATCHING_SIGNATURES/m);
  const report = await verify(`@${digest}`, '-a', 'build=c', '-o', 'report');
  const [one] = JSON.parse(report.stdout) as { passed: boolean; failures: { code: string; check: string }[] }[];
  assert.equal(one?.passed, false);
  assert.deepEqual([one?.failures[0]?.code, one?.failures[0]?.check], ['ANNOTATION_MISMATCH', 'annotations']);
});

test('verify-notation is not led back to an image whose signature is over (CVE-2024-23332)', async () => {
  const ago = (hours: number): Date => new Date(now.getTime() - hours * 3_600_000);
  const ended = signer({ notBefore: ago(48), notAfter: ago(1) });
  for (const [what, old, code] of [
    ['expired', { envelope: { signingTime: ago(3), expiry: ago(1) } }, 'SIGNATURE_EXPIRED'],
    [
      'by a signer that has ended',
      { envelope: { signingTime: ago(3), chain: [ended, middle, root] } },
      'NOT_VALID_THEN',
    ],
    ['by a root that was taken out', { envelope: { chain: [signer({}, other), other] } }, 'CERTIFICATE_UNTRUSTED'],
  ] as const satisfies readonly (readonly [string, Case, string])[]) {
    const before = layOut(lab, registry, `old, ${what}`, old);
    const current = layOut(lab, registry, `new, ${what}`, {});
    assert.equal((await verify(':latest')).status, 0);
    // Whoever rules the registry moves the tag back: the old image is there with its own good signature.
    const { bytes, mediaType } = registry.store.manifest(caseRepository, before) as StoredManifest;
    registry.store.putManifest(caseRepository, 'latest', mediaType, bytes);
    const rolledBack = await verify(':latest');
    assert.equal(rolledBack.status, 12, `${what}: ${rolledBack.stderr}`);
    assert.match(rolledBack.stderr, new RegExp(code), what);
    assert.match(rolledBack.stderr, new RegExp(before), what);
    assert.equal((await verify(`@${current}`)).status, 0);
    if (code === 'CERTIFICATE_UNTRUSTED') continue;
    // A level that only logs it lets the old image in, and says so.
    layOut(lab, registry, `other, ${what}`, { level: { level: 'permissive' } });
    const told = await verify(`@${before}`);
    assert.equal(told.status, 0, told.stderr);
    assert.match(told.stderr, new RegExp(`failed, and the policy only logs it: ${code}`), what);
  }
});

test('verify-notation tells what a policy only logs', async () => {
  const level = { level: 'audit' };
  const digest = layOut(lab, registry, 'audit', {
    level,
    statement: { trustedIdentities: ['x509.subject: C=US, ST=WA, O=other'] },
  });
  const audited = await verify(`@${digest}`);
  assert.equal(audited.status, 0);
  assert.match(audited.stderr, /failed, and the policy only logs it: IDENTITY_MISMATCH/);
  assert.match(audited.stderr, /wanted: x509\.subject: C=US, ST=WA, O=other/);
  assert.doesNotMatch(audited.stderr, /checked:.*identity/);
});

test('verify-notation has a status for each way in which there is nothing to accept', async () => {
  layOut(lab, registry, 'other', signed);
  const unsigned = storeImage(registry.store, caseRepository, 'unsigned', makeSyntheticImage([{ a: 'unsigned' }]));
  const none = await verify(`@${unsigned}`);
  assert.equal(none.status, 10);
  assert.match(none.stderr, /^error NO_SIGNATURES/m);
  assert.equal((await verify(':absent')).status, 11);

  const policy = (scope: string): string => {
    const statement = { name: 'skip', signatureVerification: { level: 'skip' }, registryScopes: [scope] };
    return lab.write('other.json', JSON.stringify({ version: '1.0', trustPolicies: [statement] }));
  };
  const skipped = await verify(':latest', '--trust-policy', policy(`${registry.host}/${caseRepository}`));
  assert.equal(skipped.status, 0);
  assert.match(skipped.stderr, /^Not verified .* skips its signatures/);
  assert.equal(skipped.stdout, '');
  const strange = await verify(':latest', '--trust-policy', policy('registry.example.com/app'));
  assert.equal(strange.status, 12);
  assert.match(strange.stderr, /^error POLICY_MISSING/m);

  const storeless = await verify(':latest', '--trust-store', 'nowhere');
  assert.equal(storeless.status, 2);
  assert.match(storeless.stderr, /^error TRUST_STORE_INVALID/m);
  assert.equal((await verify(':latest', '--trust-policy', 'nowhere.json')).status, 2);
  assert.equal((await verify(':latest', '--max-signatures', '0')).status, 2);
  assert.equal((await verify(':latest', '-a', 'nothing')).status, 2);
  const homeless = await run(['verify-notation', 'registry.example.com/app'], {
    env: { HOME: '/nonexistent', XDG_CONFIG_HOME: '/nonexistent' },
  });
  assert.equal(homeless.status, 2);
  assert.match(homeless.stderr, /^error TRUST_POLICY_INVALID.*--trust-policy/m);
});

test('verify-notation says that it could not look', async () => {
  const digest = layOut(lab, registry, 'faults', signed);
  const faults = [{ path: '/referrers/', kind: 'status', status: 500 }] as const;
  await using broken = await startTestRegistry({ store: registry.store, faults });
  const env = { HOME: lab.folder, XDG_CONFIG_HOME: lab.folder };
  const ended = await run(['verify-notation', `${broken.host}/${caseRepository}@${digest}`], { env });
  assert.equal(ended.status, 14, ended.stderr);
  assert.match(ended.stderr, /^error SIGNATURES_UNAVAILABLE/m);
});

test('verify-notation --offline asks the registry alone', async () => {
  const digest = layOut(lab, registry, 'offline', signed);
  const ended = await verify(`@${digest}`, '--offline');
  assert.equal(ended.status, 0, ended.stderr);
});

test('verify-notation looks beside the image alone', async () => {
  const digest = layOut(lab, registry, 'beside', signed);
  const apart = await verify(`@${digest}`, '--signature-repository', `${registry.host}/elsewhere`);
  assert.equal(apart.status, 2);
  assert.match(apart.stderr, /^error SETTING_INVALID: .*beside the image; leave --signature-repository out$/m);
  // What is meant for other commands does not disturb it.
  const env = { HOME: lab.folder, XDG_CONFIG_HOME: lab.folder, COSIGN_REPOSITORY: 'no such repository' };
  const ended = await run(['verify-notation', `${registry.host}/${caseRepository}@${digest}`], { env });
  assert.equal(ended.status, 0, ended.stderr);
});

test('verify-notation does not judge an image of which no signature can be read', async () => {
  layOut(lab, registry, 'unread', signed);
  const subject = storeImage(registry.store, caseRepository, 'unread-image', makeSyntheticImage([{ a: 'unread' }]));
  const layer = { mediaType: 'application/jose+json', bytes: Buffer.from('{}') };
  const artifact = { layers: [layer, layer], configType: notationType, artifactType: notationType, subject };
  storeArtifact(registry.store, caseRepository, artifact);
  const ended = await verify(`@${subject}`);
  assert.equal(ended.status, 14, ended.stderr);
  assert.match(ended.stderr, /^sha256:.*\nerror SIGNATURES_UNAVAILABLE: .*\n$/);
});

test('verify-notation takes the policy for images before the one for everything', async () => {
  layOut(lab, registry, 'oci', signed);
  const file = lab.write('trustpolicy.oci.json', '{}');
  const ended = await verify(':latest');
  assert.equal(ended.status, 2);
  assert.match(ended.stderr, new RegExp(`TRUST_POLICY_INVALID.*${file.slice(file.lastIndexOf('/') + 1)}`));
  assert.ok(file.startsWith(join(lab.folder, 'notation')));
});
