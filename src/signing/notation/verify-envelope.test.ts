import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeExtension, testTime } from '../../../testing/signing/certificate-maker.ts';
import {
  type EnvelopeParts,
  keyUsage,
  makeJws,
  makeNotationAuthority,
  makeNotationSigner,
  payloadOf,
} from '../../../testing/signing/notation/maker.ts';
import { derTag } from '../../codec/der/tag.ts';
import { derOid, derSequence, derValue } from '../../codec/der/write.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import { digestOf } from '../../oci/verify-content.ts';
import { VerificationError } from '../verify/verification-error.ts';
import { parseEnvelope } from './parse-envelope.ts';
import type { StatementVerification } from './trust-policy.ts';
import { levels } from './verification-level.ts';
import { type VerifiedNotationSignature, verifyEnvelope } from './verify-envelope.ts';

const root = makeNotationAuthority('root');
const signer = makeNotationSigner(root);
const chain = [signer, root];
const manifest = Buffer.from('{"an":"image"}');
const artifact: Descriptor = {
  mediaType: 'application/vnd.oci.image.manifest.v1+json',
  digest: digestOf(manifest),
  size: manifest.length,
};
const strict: StatementVerification = {
  level: 'strict',
  enforcement: levels.strict,
  timestamps: 'always',
  stores: [{ type: 'ca', name: 'acme' }],
  identities: '*',
};

function verify(
  parts: Partial<EnvelopeParts>,
  now: Date,
  verification: StatementVerification = strict,
): Promise<VerifiedNotationSignature> {
  const bytes = makeJws({ chain, payload: payloadOf(manifest), ...parts });
  const readStore = (): Promise<[typeof root.parsed]> => Promise.resolve([root.parsed]);
  const policy = { verification, readStore, annotations: new Map<string, string>() };
  return verifyEnvelope(parseEnvelope(bytes, 'application/jose+json'), artifact, policy, now);
}

test('a signature holds until the moment in which it expires, and not in it', async () => {
  const expiry = new Date(testTime.getTime() + 60_000);
  const { passed, waived, logged, time } = await verify({ expiry }, new Date(expiry.getTime() - 1));
  const before = ['shape', 'signature', 'certificate-chain', 'identity', 'expiry', 'timestamp', 'revocation'];
  assert.deepEqual(passed, [...before, 'subject']);
  assert.deepEqual([waived, logged, time?.by], [[], [], 'clock']);
  await assert.rejects(verify({ expiry }, expiry), (error) => {
    assert.ok(error instanceof VerificationError);
    assert.equal(error.code, 'SIGNATURE_EXPIRED');
    assert.deepEqual(error.facts, {
      check: 'expiry',
      found: expiry.toISOString(),
      wanted: `later than ${expiry.toISOString()}`,
    });
    return true;
  });
});

test('certificates are valid from their first moment to their last', async () => {
  const { notBefore, notAfter } = signer.parsed;
  for (const now of [notBefore, notAfter]) await verify({}, now);
  for (const now of [new Date(notBefore.getTime() - 1), new Date(notAfter.getTime() + 1)]) {
    await assert.rejects(verify({}, now), { code: 'NOT_VALID_THEN' });
  }
});

test('what a policy only logs is told with its reason, and does not count as checked', async () => {
  const expiry = new Date(testTime.getTime() + 60_000);
  const { passed, logged } = await verify({ expiry }, expiry, { ...strict, enforcement: levels.permissive });
  assert.ok(!passed.includes('expiry'));
  assert.deepEqual(
    logged.map(({ code }) => code),
    ['SIGNATURE_EXPIRED'],
  );
});

test('a certificate that may have been revoked holds only where the policy says so', async () => {
  const addresses = (value: Buffer): Partial<EnvelopeParts> => ({
    chain: [
      makeNotationSigner(root, { extensions: [keyUsage([0]), makeExtension('1.3.6.1.5.5.7.1.1', false, value)] }),
      root,
    ],
  });
  const responder = derSequence(derSequence(derOid('1.3.6.1.5.5.7.48.1'), derValue(0x86, Buffer.from('http://x/'))));
  for (const [value, found] of [
    [responder, 'the address of an OCSP responder'],
    [derSequence(derValue(derTag.null)), 'addresses of its authority that cannot be read'],
    [Buffer.from('?'), 'addresses of its authority that cannot be read'],
  ] as const) {
    await assert.rejects(verify(addresses(value), testTime), (error) => {
      assert.ok(error instanceof VerificationError);
      assert.equal(error.code, 'REVOCATION_UNKNOWN');
      assert.deepEqual([error.facts.check, error.facts.found], ['revocation', found]);
      assert.match(error.facts.wanted ?? '', /"override": \{ "revocation": "log" \} or "skip"/);
      return true;
    });
  }
  const within = (revocation: 'log' | 'skip'): StatementVerification => ({
    ...strict,
    enforcement: { ...levels.strict, revocation },
  });
  const told = await verify(addresses(responder), testTime, within('log'));
  assert.deepEqual([told.logged.map(({ code }) => code), told.waived], [['REVOCATION_UNKNOWN'], []]);
  assert.ok(!told.passed.includes('revocation'));
  const skipped = await verify(addresses(responder), testTime, within('skip'));
  assert.deepEqual([skipped.logged, skipped.waived], [[], ['revocation']]);
  assert.ok(!skipped.passed.includes('revocation'));
});

test('an algorithm that is not the key’s is named', async () => {
  const edit = (header: Record<string, unknown>): Record<string, unknown> => ({ ...header, alg: 'PS256' });
  await assert.rejects(verify({ edit }, testTime), (error) => {
    assert.ok(error instanceof VerificationError);
    assert.deepEqual(error.facts, { check: 'signature', found: 'PS256', wanted: 'ES256' });
    return true;
  });
});
