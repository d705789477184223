import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '../../../testing/image/temporary-directory.ts';
import { makeAuthority } from '../../../testing/signing/certificate-maker.ts';
import { testHost, testSettings } from '../../../testing/test-host.ts';
import { formatPem } from '../../codec/pem/pem.ts';
import type { CertificatePolicy } from '../../signing/verify/policy.ts';
import type { Settings } from '../config/settings.ts';
import { signerPolicyOf } from './policy.ts';

const who = { certificateIdentity: ['a@example.com'], certificateOidcIssuer: ['https://a.example'] };
const policyOf = (settings: Partial<Settings>, cwd = '/nowhere'): ReturnType<typeof signerPolicyOf> =>
  signerPolicyOf(testSettings(settings), testHost({ cwd }), async () => []);

async function certificatePolicyOf(settings: Partial<Settings>, cwd?: string): Promise<CertificatePolicy> {
  const policy = await policyOf(settings, cwd);
  assert.equal(policy.kind, 'certificate');
  return policy;
}

for (const [title, settings] of [
  ['nothing', {}],
  ['a name alone', { certificateIdentity: who.certificateIdentity }],
  ['a pattern for the name alone', { certificateIdentityRegexp: ['.*'] }],
  ['an issuer alone', { certificateOidcIssuer: who.certificateOidcIssuer }],
  ['a workflow alone', { githubWorkflowRepository: 'org/repo' }],
  ['a key and a name', { key: ['a.pub'], ...who }],
  ['a key and an issuer', { key: ['a.pub'], certificateOidcIssuerRegexp: ['.*'] }],
  ['a key and a workflow', { key: ['a.pub'], githubWorkflowRef: 'main' }],
  ['a key and an authority', { key: ['a.pub'], caRoots: 'ca.pem' }],
  ['intermediates without roots', { ...who, caIntermediates: 'ca.pem' }],
  ['an authority that is not there', { ...who, caRoots: 'ca.pem' }],
] as const) {
  test(`signerPolicyOf() refuses ${title}`, () => assert.rejects(policyOf(settings), { code: 'SETTING_INVALID' }));
}

test('signerPolicyOf() gives each name with each issuer, and all claims', async () => {
  const { identities, claims, scts, authorities } = await certificatePolicyOf({
    certificateIdentity: ['a', 'b'],
    certificateIdentityRegexp: ['c.*'],
    certificateOidcIssuer: ['x'],
    certificateOidcIssuerRegexp: ['y.*'],
    githubWorkflowTrigger: 'push',
    githubWorkflowSha: 'abc',
    githubWorkflowName: 'build',
    githubWorkflowRepository: 'org/repo',
    githubWorkflowRef: 'refs/heads/main',
  });
  assert.equal(identities.length, 6);
  const accepts = (name: string, issuer: string): boolean =>
    identities.some((one) => one.subject?.matches(name) === true && one.issuer?.matches(issuer) === true);
  assert.deepEqual(
    [accepts('a', 'x'), accepts('b', 'yes'), accepts('cd', 'x'), accepts('cd', 'z'), accepts('d', 'x')],
    [true, true, true, false, false],
  );
  assert.deepEqual(claims, [
    { claim: 'githubWorkflowTrigger', value: 'push' },
    { claim: 'githubWorkflowSha', value: 'abc' },
    { claim: 'githubWorkflowName', value: 'build' },
    { claim: 'githubWorkflowRepository', value: 'org/repo' },
    { claim: 'githubWorkflowRef', value: 'refs/heads/main' },
  ]);
  assert.deepEqual([scts, authorities], [1, undefined]);
  assert.equal((await certificatePolicyOf({ ...who, insecureIgnoreSct: true })).scts, 0);
});

test("signerPolicyOf() trusts the user's own authority and nobody else, and asks no log of it", async () => {
  using folder = temporaryDirectory();
  const { parsed } = makeAuthority('root');
  writeFileSync(join(folder.path, 'ca.pem'), formatPem({ label: 'CERTIFICATE', bytes: parsed.der }));
  writeFileSync(join(folder.path, 'none.pem'), 'no certificate');
  const policy = await certificatePolicyOf({ certificateIdentity: ['a'], caRoots: 'ca.pem' }, folder.path);
  assert.equal(policy.authorities?.length, 1);
  assert.deepEqual([policy.scts, policy.identities[0]?.issuer], [0, undefined]);
  const none = { certificateIdentity: ['a'], caRoots: 'none.pem' };
  await assert.rejects(policyOf(none, folder.path), { code: 'SETTING_INVALID' });
});
