import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeLogKey } from '../../../testing/signing/log-key.ts';
import { verifyLogSignature } from './verify-log-signature.ts';

test('verifyLogSignature() takes the signatures of every kind of key, and only those', () => {
  const data = Buffer.from('log.example\n1\n');
  for (const type of ['ecdsa-p256', 'ecdsa-p384', 'ecdsa-p521', 'ed25519', 'rsa'] as const) {
    const { key, sign } = makeLogKey(type);
    const signature = sign(data);
    assert.equal(verifyLogSignature(key, data, signature), true, type);
    assert.equal(verifyLogSignature(key, Buffer.from('log.example\n2\n'), signature), false, type);
    assert.equal(verifyLogSignature(makeLogKey(type).key, data, signature), false, type);
    for (const wrong of [
      Buffer.alloc(0),
      Buffer.alloc(64),
      signature.subarray(1),
      Buffer.concat([signature, Buffer.alloc(1)]),
    ]) {
      assert.equal(verifyLogSignature(key, data, wrong), false, type);
    }
  }
});
