import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VerificationError } from '../../../signing/verify/verification-error.ts';
import { whyUnsigned } from './why-unsigned.ts';

const bareKey = new VerificationError('SIGNER_KIND', 'It was made with a key; name the key with --key', {
  check: 'key',
  found: 'a bare key',
});
const statement = new VerificationError('PREDICATE_TYPE_MISMATCH', 'It says something else.', {
  check: 'predicate-type',
});
const noLog = new VerificationError('LOG_ENTRY_MISSING', 'No log vouches for it', { check: 'log-entry' });
const otherKey = new VerificationError('SIGNER_KIND', 'It is by another key', { check: 'key', found: 'sha256:1' });
const somebody = new VerificationError('IDENTITY_MISMATCH', 'It is by somebody else', { check: 'identity' });

test('whyUnsigned() tells the reason of the signature that came furthest, without advice', () => {
  assert.equal(whyUnsigned([], true), undefined);
  assert.equal(whyUnsigned([bareKey], true), 'It was made with a key');
  assert.equal(whyUnsigned([statement], true), 'It says something else');
  // What the registry attaches itself comes first, and is no signature of the image.
  assert.equal(whyUnsigned([bareKey, somebody, bareKey], true), 'It is by somebody else');
  assert.equal(whyUnsigned([noLog, otherKey], true), 'It is by another key');
  assert.equal(whyUnsigned([statement, noLog], true), 'No log vouches for it');
  assert.equal(whyUnsigned([noLog, statement], false), 'It says something else');
});
