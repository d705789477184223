import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testTime } from '../../../testing/signing/certificate-maker.ts';
import {
  type EnvelopeParts,
  makeJws,
  makeNotationAuthority,
  makeNotationSigner,
  payloadOf,
} from '../../../testing/signing/notation/maker.ts';
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
  assert.deepEqual(passed, ['shape', 'signature', 'certificate-chain', 'identity', 'expiry', 'timestamp', 'subject']);
  assert.deepEqual([waived, logged, time?.by], [['revocation'], [], 'clock']);
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

test('an algorithm that is not the key’s is named', async () => {
  const edit = (header: Record<string, unknown>): Record<string, unknown> => ({ ...header, alg: 'PS256' });
  await assert.rejects(verify({ edit }, testTime), (error) => {
    assert.ok(error instanceof VerificationError);
    assert.deepEqual(error.facts, { check: 'signature', found: 'PS256', wanted: 'ES256' });
    return true;
  });
});
