import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startTestRegistry, type TestRegistry } from '../../../testing/registry/test-registry.ts';
import { envelopeCases } from '../../../testing/signing/notation/envelope-cases.ts';
import { type NotationLab, openNotationLab } from '../../../testing/signing/notation/lab.ts';
import { caseRepository, layOut } from '../../../testing/signing/notation/lay-out.ts';
import { trustCases } from '../../../testing/signing/notation/trust-cases.ts';
import { isSeaworthyError } from '../../base/error.ts';

/** Why each case does not hold. `test/integration/notation` puts the same cases to notation. */
const reasons: Readonly<Record<string, readonly string[]>> = {
  SIGNATURE_WRONG: [
    'another signature',
    'another signature in cose',
    'an algorithm of another key',
    'an algorithm of an RSA key of another size',
    'another key in the chain',
    'another signature, audited',
  ],
  SIGNATURE_UNSUPPORTED: [
    'no algorithm',
    'an Ed25519 key',
    'an unknown critical attribute',
    'a plugin',
    'no scheme',
    'an unknown scheme',
    'another content type',
    'an RSA key of another size',
  ],
  SIGNATURE_MALFORMED: [
    'a critical attribute that is not there',
    'a scheme that is not critical',
    'an expiry that is not critical',
    'no time of signing',
    'two times of signing',
    'a payload that is no JSON',
    'a name twice in the protected header',
    'a name in other capitals in the protected header',
    'a field that no envelope has',
    'a header that is not signed and should be',
    'no chain',
    'no artifact',
  ],
  CERTIFICATE_UNTRUSTED: [
    'a chain without its root',
    'a signer alone',
    'a chain out of order',
    'a chain with a stranger',
    'a root twice',
    'an issuer under another name',
    'another root of the same name',
    'SHA-1 in the chain',
    'a root that nobody trusts',
    'a store of another kind',
    'a signer that passes for a signing authority',
    'a chain out of order, audited',
  ],
  CERTIFICATE_PURPOSE: [
    'server authentication',
    'client authentication',
    'e-mail protection',
    'timestamping',
    'any purpose',
    'no key usage',
    'a key usage that is not critical',
    'a key usage without signatures',
    'key encipherment besides',
    'data encipherment besides',
    'key agreement besides',
    'signing of certificates besides',
    'signing of revocation lists besides',
    'encryption alone besides',
    'decryption alone besides',
    'a signer that is an authority',
    'an authority without basic constraints',
    'an authority without key usage',
    'an authority that may not sign certificates',
    "an authority's key usage that is not critical",
    'an authority with too much below it',
    'an authority whose basic constraints are not critical',
    "a timestamp whose signer's key is for more",
  ],
  TRUST_STORE_INVALID: [
    'a store that is not there',
    'a store with a signer that others vouch for',
    'a store for timestamps with a signer',
  ],
  NOT_VALID_THEN: [
    "a signing authority's time before its certificate",
    'a signer that has ended',
    'a signer that has not begun',
    'a root that has ended',
    'a timestamp after the signer has ended',
    'a timestamp that is not exact enough',
  ],
  IDENTITY_MISMATCH: [
    'another organisation',
    'other capitals',
    'a part that the subject lacks',
    'an identity for plugins alone',
    'a subject that hides a part in another',
    'a subject without a country',
    'two organisations',
    'two units',
    'another signer, permissive',
  ],
  TRUST_POLICY_INVALID: [
    'an identity without a state',
    'overlapping identities',
    'anybody and somebody',
    'no identities',
    'no trust stores',
    'a trust store that leads elsewhere',
    'a trust store of an unknown kind',
    'another level',
    'an override of integrity',
    'an override that skips authenticity',
    'a scope beside all',
    'a rule that is misspelt',
    'a rule in other capitals',
    'a scope with a star in it',
    'a timestamp where one is wanted sometime',
  ],
  POLICY_MISSING: ['a statement about another repository'],
  SIGNATURE_EXPIRED: ['an expiry that has passed', 'an expiry that has passed, enforced'],
  TIMESTAMP_WRONG: ['a timestamp of another signature', 'a timestamp that is nonsense'],
  TIMESTAMP_UNTRUSTED: ['a timestamp of an authority that nobody trusts'],
  TIME_MISSING: ['no timestamp where one is wanted', 'no timestamp where one is wanted by now'],
  REVOCATION_UNKNOWN: [
    'a certificate that says where revoked ones are listed',
    'a certificate that says whom to ask whether it was revoked',
    'an authority that says where revoked ones are listed',
    'a timestamp whose signer may have been revoked',
    'a certificate that may have been revoked, enforced',
  ],
  ARTIFACT_MISMATCH: ['another artifact, audited', 'another digest', 'another size', 'another media type'],
  ANNOTATION_MISMATCH: ['metadata that is signed otherwise', 'metadata that is not signed'],
};

const reasonOf = new Map(
  Object.entries(reasons).flatMap(([code, names]) => names.map((name) => [name, code] as const)),
);

let lab: NotationLab;
let registry: TestRegistry;

before(async () => {
  lab = openNotationLab();
  registry = await startTestRegistry();
});

after(() => Promise.all([lab[Symbol.asyncDispose](), registry.close()]));

for (const [name, one] of Object.entries({ ...envelopeCases, ...trustCases })) {
  const reason = reasonOf.get(name);
  test(`${name}: ${reason ?? 'holds'}`, async () => {
    assert.equal(one.good === true, reason === undefined, 'the case and its reason disagree');
    const digest = layOut(lab, registry, name, one);
    const found = await lab.ours(registry.host, caseRepository, digest, new Map(Object.entries(one.metadata ?? {})));
    if (found === undefined || !('verified' in found)) {
      assert.equal(isSeaworthyError(found) ? found.code : 'none', reason);
      return;
    }
    assert.deepEqual(
      found.failed.map(({ error }) => error.code),
      reason === undefined ? [] : [reason],
    );
    assert.equal(found.verified.length, reason === undefined ? 1 : 0);
    assert.deepEqual(found.problems, []);
  });
}

test('every reason is of a case', () => {
  const cases = { ...envelopeCases, ...trustCases };
  assert.deepEqual(
    [...reasonOf.keys()].filter((name) => !Object.hasOwn(cases, name)),
    [],
  );
});
