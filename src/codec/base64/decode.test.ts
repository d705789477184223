import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CodecError } from '../error.ts';
import { decodeBase64, decodeBase64Url } from './decode.ts';

test('decodeBase64() reads one text for each value', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      assert.deepEqual(decodeBase64(Buffer.from(bytes).toString('base64')), Buffer.from(bytes));
      assert.deepEqual(decodeBase64Url(Buffer.from(bytes).toString('base64url')), Buffer.from(bytes));
    }),
  );
  for (const text of ['QQ', 'QQ=', 'QR==', 'QQ==\n', ' QQ==', 'Q-Q=', 'QQ==QQ==', '=', 'QUI=QUI=', '%%%%']) {
    assert.throws(() => decodeBase64(text), CodecError, text);
  }
  for (const text of ['QQ==', 'QR', 'Q+Q', 'Q Q', 'Q']) {
    assert.throws(() => decodeBase64Url(text), CodecError, text);
  }
});

test('decodeBase64() reads long texts', () => {
  const bytes = Buffer.alloc(12 * 2 ** 20, 7);
  assert.ok(decodeBase64(bytes.toString('base64')).equals(bytes));
  assert.throws(() => decodeBase64(`${bytes.toString('base64')}*`), CodecError);
});
