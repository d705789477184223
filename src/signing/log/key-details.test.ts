import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PublicKeyDetails } from '@sigstore/protobuf-specs';
import type { HashAlgorithm, KeyType } from '../key/key-type.ts';
import { keyDetailsOf } from './key-details.ts';

test('keyDetailsOf() names every kind of key as protobuf does', () => {
  for (const [type, bits, hash, pure, name] of [
    ['ecdsa-p256', 256, 'sha256', false, 'PKIX_ECDSA_P256_SHA_256'],
    ['ecdsa-p384', 384, 'sha384', false, 'PKIX_ECDSA_P384_SHA_384'],
    ['ecdsa-p384', 384, 'sha256', false, 'PKIX_ECDSA_P384_SHA_256'],
    ['ecdsa-p521', 521, 'sha512', false, 'PKIX_ECDSA_P521_SHA_512'],
    ['ecdsa-p521', 521, 'sha256', false, 'PKIX_ECDSA_P521_SHA_256'],
    ['ed25519', 256, 'sha512', false, 'PKIX_ED25519_PH'],
    ['ed25519', 256, 'sha512', true, 'PKIX_ED25519'],
    ['rsa', 2048, 'sha256', false, 'PKIX_RSA_PKCS1V15_2048_SHA256'],
    ['rsa', 3072, 'sha256', false, 'PKIX_RSA_PKCS1V15_3072_SHA256'],
    ['rsa', 4096, 'sha256', false, 'PKIX_RSA_PKCS1V15_4096_SHA256'],
  ] as const) {
    assert.equal(keyDetailsOf({ key: { type, bits }, hash, pure }), name);
    assert.ok(name in PublicKeyDetails, name);
  }
});

test('keyDetailsOf() refuses what has no name', () => {
  const cases: readonly (readonly [KeyType, number, HashAlgorithm])[] = [
    ['ecdsa-p256', 256, 'sha512'],
    ['ed25519', 256, 'sha256'],
    ['rsa', 2560, 'sha256'],
    ['rsa', 2048, 'sha512'],
  ];
  for (const [type, bits, hash] of cases) {
    assert.throws(
      () => keyDetailsOf({ key: { type, bits }, hash }),
      { code: 'KEY_INVALID' },
      `${type} ${bits} ${hash}`,
    );
  }
});
