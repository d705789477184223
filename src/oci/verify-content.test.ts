import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import test from 'node:test';
import { parseDigest } from './digest.ts';
import { digestOf, verifyContent } from './verify-content.ts';

const bytes = Buffer.from('content');

test('verifyContent() accepts what digest and size say, with any algorithm', () => {
  verifyContent(bytes, { digest: digestOf(bytes), size: 7 });
  const sha512 = parseDigest(`sha512:${createHash('sha512').update(bytes).digest('hex')}`);
  verifyContent(bytes, { digest: sha512, size: 7 });
});

test('verifyContent() refuses other sizes and other bytes', () => {
  assert.throws(() => verifyContent(bytes, { digest: digestOf(bytes), size: 8 }), { code: 'SIZE_MISMATCH' });
  const other = { digest: digestOf(Buffer.from('CONTENT')), size: 7 };
  assert.throws(() => verifyContent(bytes, other), { code: 'DIGEST_MISMATCH' });
});
