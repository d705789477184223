import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { needsSharedData } from '../../testing/shared-data.ts';
import { verifyBundle } from '../../src/signing/blob/verify-bundle.ts';
import { isSeaworthyError } from '../../src/base/error.ts';
import { parsePublicKey } from '../../src/signing/key/parse-public-key.ts';
import { parseTrustedRoot } from '../../src/signing/trust/parse-trusted-root.ts';
import type { Artifact, VerificationPolicy } from '../../src/signing/verify/policy.ts';
import { exactly } from '../../src/signing/verify/text-matcher.ts';
import { type ConformanceCase, conformanceCases } from './sigstore-cases.ts';

/** Why each case fails; a case that fails for another reason than its README gives proves nothing. */
const reasons: Readonly<Record<string, string>> = {
  'bundle-empty-certificate-chain_fail': 'SIGNATURE_MALFORMED',
  'bundle-from-wrong-instance_fail': 'LOG_UNKNOWN',
  'bundle-invalid-base64-signature_fail': 'SIGNATURE_MALFORMED',
  'bundle-malformed-json_fail': 'SIGNATURE_MALFORMED',
  'bundle-negative-log-index_fail': 'SIGNATURE_MALFORMED',
  'bundle-unknown-version_fail': 'SIGNATURE_UNSUPPORTED',
  'bundle-with-root-cert_fail': 'SIGNATURE_MALFORMED',
  'checkpoint-bad-keyhint_fail': 'LOG_PROOF_WRONG',
  'checkpoint-wrong-roothash_fail': 'LOG_PROOF_WRONG',
  'dsse-invalid-sig_fail': 'LOG_ENTRY_MISMATCH',
  'dsse-mismatch-envelope_fail': 'LOG_ENTRY_MISMATCH',
  'dsse-mismatch-sig_fail': 'LOG_ENTRY_MISMATCH',
  'inclusion-proof-corrupted-hash_fail': 'LOG_PROOF_WRONG',
  'incorrect-public-key_fail': 'LOG_PROOF_WRONG',
  'integrated-time-in-future_fail': 'NOT_VALID_THEN',
  'intoto-expired-certificate_fail': 'NOT_VALID_THEN',
  'intoto-log-entry-mismatch_fail': 'SIGNATURE_MALFORMED',
  'intoto-missing-inclusion-proof_fail': 'SIGNATURE_MALFORMED',
  'intoto-set-outside-signing-cert-validity_fail': 'NOT_VALID_THEN',
  'intoto-tsa-timestamp-outside-cert-validity_fail': 'NOT_VALID_THEN',
  'invalid-checkpoint-signature_fail': 'LOG_PROOF_WRONG',
  'invalid-ct-key_fail': 'SCT_WRONG',
  'invalid-inclusion-proof_fail': 'SIGNATURE_MALFORMED',
  'managed-key-no-key_fail': 'SIGNER_KIND',
  'managed-key-wrong-key_fail': 'KEY_INVALID',
  'message-digest-mismatch_fail': 'ARTIFACT_MISMATCH',
  'rekor2-checkpoint-missing-log-signature_fail': 'SIGNATURE_MALFORMED',
  'rekor2-checkpoint-missing-origin_fail': 'SIGNATURE_MALFORMED',
  'rekor2-checkpoint-missing-root-hash_fail': 'SIGNATURE_MALFORMED',
  'rekor2-checkpoint-missing-size_fail': 'SIGNATURE_MALFORMED',
  'rekor2-checkpoint-no-matching-signature_fail': 'LOG_PROOF_WRONG',
  'rekor2-dsse-invalid-sig_fail': 'LOG_ENTRY_MISMATCH',
  'rekor2-dsse-mismatch-envelope_fail': 'LOG_ENTRY_MISMATCH',
  'rekor2-dsse-mismatch-sig_fail': 'LOG_ENTRY_MISMATCH',
  'rekor2-no-inclusion-proof_fail': 'SIGNATURE_MALFORMED',
  'rekor2-no-timestamp_fail': 'TIME_MISSING',
  'rekor2-timestamp-outside-trust-root-tsa-validity_fail': 'NOT_VALID_THEN',
  'rekor2-timestamp-outside-tsa-cert-validity_fail': 'NOT_VALID_THEN',
  'rekor2-timestamp-payload-mismatch_fail': 'TIMESTAMP_WRONG',
  'rekor2-timestamp-untrusted-tsa-with-embedded-cert_fail': 'TIMESTAMP_UNTRUSTED',
  'rekor2-timestamp-untrusted-tsa-without-embedded-cert_fail': 'TIMESTAMP_UNTRUSTED',
  'rekor2-timestamp-with-incorrect-time_fail': 'SIGNATURE_MALFORMED',
  'set-invalid-signature_fail': 'LOG_PROOF_WRONG',
  'signature-mismatch_fail': 'LOG_ENTRY_MISMATCH',
  'trust-root-tlog-missing-validity-start_fail': 'LOG_UNKNOWN',
  'wrong-hashedrekord-artifact_fail': 'LOG_ENTRY_MISMATCH',
  'wrong-hashedrekord-cert-and-sig_fail': 'LOG_ENTRY_MISMATCH',
  'wrong-hashedrekord-entry_fail': 'LOG_ENTRY_MISMATCH',
  'wrong-material_fail': 'LOG_ENTRY_MISMATCH',
};

function policyOf({ trustedRoot, key, identity, issuer }: ConformanceCase): VerificationPolicy {
  return {
    trust: parseTrustedRoot(trustedRoot, 'trusted_root.json'),
    signer:
      key === undefined
        ? {
            kind: 'certificate',
            identities: [{ issuer: exactly(issuer), subject: exactly(identity) }],
            claims: [],
            scts: 1,
          }
        : { kind: 'key', keys: [{ name: 'key.pub', key: parsePublicKey(key) }] },
    logs: 1,
    timestamps: 0,
  };
}

async function verdict(one: ConformanceCase, artifact: Artifact): Promise<string> {
  try {
    await verifyBundle(one.bundle, artifact, policyOf(one), new Date());
    return 'passes';
  } catch (error) {
    if (!isSeaworthyError(error)) throw error;
    return error.code;
  }
}

const cases = conformanceCases();

test('the suite is whole', needsSharedData('sigstore-conformance'), () => {
  assert.equal(cases.length, 70);
  assert.equal(cases.filter(({ passes }) => !passes).length, 49);
});

test(
  'a time outside the certificate is refused where the suite spoils the base64 too',
  needsSharedData('sigstore-conformance'),
  async () => {
    const one = cases.find(({ name }) => name === 'rekor2-timestamp-with-incorrect-time_fail');
    assert.ok(one);
    const text = one.bundle.toString();
    const stamp = /"signedTimestamp": "([^"]+)"/.exec(text)?.[1] ?? '';
    const bundle = Buffer.from(text.replace(stamp, stamp.replaceAll('\\n', '')));
    assert.equal(await verdict({ ...one, bundle }, { kind: 'bytes', bytes: one.artifact }), 'NOT_VALID_THEN');
  },
);

for (const one of cases) {
  const digest: Artifact = {
    kind: 'digest',
    algorithm: 'sha256',
    hex: createHash('sha256').update(one.artifact).digest('hex'),
  };
  for (const artifact of [{ kind: 'bytes', bytes: one.artifact } as const, digest]) {
    test(`sigstore conformance: ${one.name} by ${artifact.kind}`, async () => {
      const found = await verdict(one, artifact);
      assert.equal(found, one.passes ? 'passes' : (reasons[one.name] ?? 'no reason is noted'));
    });
  }
}
