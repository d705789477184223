import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import {
  conformanceNames,
  type LogConformanceCase,
  readConformanceCase,
} from '../../../testing/signing/log-conformance.ts';
import { needsSharedData } from '../../../testing/shared-data.ts';
import { isSeaworthyError } from '../../base/error.ts';
import { decodeLogEntry, encodeLogEntry } from '../log/encode-entry.ts';
import { checkLogBodies } from './check-log-bodies.ts';
import { checkLogEntries, evidenceFor } from './check-log-entries.ts';

/** Folders that fail in steps 2 and 3 of a verification, and how. */
const failing: Readonly<Record<string, string>> = {
  'bundle-from-wrong-instance_fail': 'LOG_UNKNOWN',
  'bundle-invalid-base64-signature_fail': 'LOG_PROOF_WRONG',
  'bundle-negative-log-index_fail': 'SIGNATURE_MALFORMED',
  'bundle-unknown-version_fail': 'LOG_ENTRY_MISSING',
  'checkpoint-bad-keyhint_fail': 'LOG_PROOF_WRONG',
  'checkpoint-wrong-roothash_fail': 'LOG_PROOF_WRONG',
  'dsse-invalid-sig_fail': 'LOG_ENTRY_MISMATCH',
  'dsse-mismatch-envelope_fail': 'LOG_ENTRY_MISMATCH',
  'dsse-mismatch-sig_fail': 'LOG_ENTRY_MISMATCH',
  'inclusion-proof-corrupted-hash_fail': 'LOG_PROOF_WRONG',
  'incorrect-public-key_fail': 'LOG_PROOF_WRONG',
  'intoto-log-entry-mismatch_fail': 'SIGNATURE_MALFORMED',
  'intoto-missing-inclusion-proof_fail': 'LOG_ENTRY_MISSING',
  'invalid-checkpoint-signature_fail': 'LOG_PROOF_WRONG',
  'invalid-inclusion-proof_fail': 'LOG_ENTRY_MISSING',
  'rekor2-checkpoint-missing-log-signature_fail': 'SIGNATURE_MALFORMED',
  'rekor2-checkpoint-missing-origin_fail': 'SIGNATURE_MALFORMED',
  'rekor2-checkpoint-missing-root-hash_fail': 'SIGNATURE_MALFORMED',
  'rekor2-checkpoint-missing-size_fail': 'SIGNATURE_MALFORMED',
  'rekor2-checkpoint-no-matching-signature_fail': 'LOG_PROOF_WRONG',
  'rekor2-dsse-invalid-sig_fail': 'LOG_ENTRY_MISMATCH',
  'rekor2-dsse-mismatch-envelope_fail': 'LOG_ENTRY_MISMATCH',
  'rekor2-dsse-mismatch-sig_fail': 'LOG_ENTRY_MISMATCH',
  'rekor2-no-inclusion-proof_fail': 'LOG_ENTRY_MISSING',
  'set-invalid-signature_fail': 'LOG_PROOF_WRONG',
  'signature-mismatch_fail': 'LOG_ENTRY_MISMATCH',
  'trust-root-tlog-missing-validity-start_fail': 'LOG_UNKNOWN',
  'wrong-hashedrekord-artifact_fail': 'LOG_ENTRY_MISMATCH',
  'wrong-hashedrekord-cert-and-sig_fail': 'LOG_ENTRY_MISMATCH',
  'wrong-hashedrekord-entry_fail': 'LOG_ENTRY_MISMATCH',
  'wrong-material_fail': 'LOG_ENTRY_MISMATCH',
};

/** Folders whose entries are in order: what is wrong with them, other steps find. */
const elsewhere: ReadonlySet<string> = new Set([
  'bundle-with-root-cert_fail',
  'integrated-time-in-future_fail',
  'intoto-expired-certificate_fail',
  'intoto-set-outside-signing-cert-validity_fail',
  'intoto-tsa-timestamp-outside-cert-validity_fail',
  'invalid-ct-key_fail',
  'message-digest-mismatch_fail',
  'rekor2-no-timestamp_fail',
  'rekor2-timestamp-outside-trust-root-tsa-validity_fail',
  'rekor2-timestamp-outside-tsa-cert-validity_fail',
  'rekor2-timestamp-payload-mismatch_fail',
  'rekor2-timestamp-untrusted-tsa-with-embedded-cert_fail',
  'rekor2-timestamp-untrusted-tsa-without-embedded-cert_fail',
  'rekor2-timestamp-with-incorrect-time_fail',
]);

/** Folders that are no bundle, or have nobody to be by. */
const unreadable: ReadonlySet<string> = new Set([
  'bundle-empty-certificate-chain_fail',
  'bundle-malformed-json_fail',
  'managed-key-no-key_fail',
  'managed-key-wrong-key_fail',
]);

const now = new Date('2026-11-01T00:00:00Z');

function check({ entries, logs, mediaType, content, verifier, artifact }: LogConformanceCase, at = now): void {
  const evidence = evidenceFor({ format: 'bundle', mediaType });
  checkLogEntries({ entries, logs, threshold: 1, evidence, now: at });
  const artifactDigest = (algorithm: string): Buffer => createHash(algorithm).update(artifact).digest();
  checkLogBodies({ entries, content, verifier, artifactDigest });
}

function verdict(act: () => void): string {
  try {
    act();
  } catch (error) {
    if (isSeaworthyError(error)) return error.code;
    throw error;
  }
  return 'passes';
}

const needs = needsSharedData('sigstore-conformance', 'bundle-verify');

test('checkLogEntries() and checkLogBodies() judge the folders of the conformance suite', needs, () => {
  for (const name of conformanceNames().filter((one) => !unreadable.has(one))) {
    const expected = failing[name] ?? 'passes';
    if (expected === 'passes') assert.equal(name.endsWith('_fail'), elsewhere.has(name), name);
    assert.equal(
      verdict(() => check(readConformanceCase(name))),
      expected,
      name,
    );
  }
});

test('checkLogEntries() refuses a real entry while it is still to come', needs, () => {
  const future = readConformanceCase('integrated-time-in-future_fail');
  assert.equal(
    verdict(() => check(future, new Date('2026-05-01T00:00:00Z'))),
    'LOG_PROOF_WRONG',
  );
});

test('encodeLogEntry() writes the entries of the conformance suite as they were', needs, () => {
  for (const name of conformanceNames().filter((one) => !unreadable.has(one))) {
    for (const entry of readConformanceCase(name).entries) {
      assert.deepEqual(decodeLogEntry(JSON.parse(JSON.stringify(encodeLogEntry(entry)))), entry, name);
    }
  }
});
