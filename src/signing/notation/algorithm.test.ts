import assert from 'node:assert/strict';
import { constants, sign } from 'node:crypto';
import { test } from 'node:test';
import { makeKeys, spkiOf, type TestKeys } from '../../../testing/signing/certificate-maker.ts';
import { type NotationKeyName, notationKeys } from '../../../testing/signing/notation/maker.ts';
import { parsePublicKey } from '../key/parse-public-key.ts';
import { algorithmNamed, algorithmOf, type NotationAlgorithm, verifyNotationSignature } from './algorithm.ts';

const message = Buffer.from('what is signed');
const names = Object.keys(notationKeys) as NotationKeyName[];

function optionsOf({ privateKey }: TestKeys): Parameters<typeof sign>[2] {
  return privateKey.asymmetricKeyType === 'rsa'
    ? { key: privateKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
    : { key: privateKey, dsaEncoding: 'ieee-p1363' };
}

for (const name of names) {
  test(`${name} goes with its key alone, and holds only as it is defined`, () => {
    const { label, hash, make } = notationKeys[name];
    const keys = make();
    const key = parsePublicKey(spkiOf(keys));
    const algorithm = algorithmOf(key) as NotationAlgorithm;
    assert.equal(algorithm.name, name);
    assert.equal(algorithmNamed(name), algorithm);
    assert.equal(algorithmNamed(label), algorithm);

    const good = sign(hash, message, optionsOf(keys));
    const holds = (signature: Buffer, text = message): boolean =>
      verifyNotationSignature(algorithm, key, text, signature);
    assert.ok(holds(good));
    assert.ok(!holds(good, Buffer.from('something else')));
    assert.ok(!holds(Buffer.alloc(0)));
    assert.ok(!holds(Buffer.alloc(good.length)));
    assert.ok(!holds(good.subarray(1)));
    assert.ok(!holds(Buffer.concat([good, Buffer.alloc(1)])));
    assert.ok(!holds(Buffer.concat([Buffer.alloc(1), good])));
    const { privateKey } = keys;
    for (const other of ['sha256', 'sha384', 'sha512'].filter((one) => one !== hash)) {
      assert.ok(!holds(sign(other, message, optionsOf(keys))), other);
    }
    if (privateKey.asymmetricKeyType === 'rsa') {
      assert.ok(!holds(sign(hash, message, privateKey)), 'PKCS #1');
      const padding = constants.RSA_PKCS1_PSS_PADDING;
      for (const saltLength of [0, 20]) {
        assert.ok(!holds(sign(hash, message, { key: privateKey, padding, saltLength })), `salt of ${saltLength}`);
      }
    } else assert.ok(!holds(sign(hash, message, privateKey)), 'DER');
    assert.ok(!verifyNotationSignature(algorithm, parsePublicKey(spkiOf(make())), message, good), 'another key');
  });
}

test('no other algorithm is known, and no other key signs', () => {
  for (const name of ['none', 'HS256', 'RS256', 'EdDSA', 'ES256K', 'ps256', '', 0n, 5n, -8n, -257n]) {
    assert.equal(algorithmNamed(name), undefined, String(name));
  }
  assert.equal(algorithmOf(parsePublicKey(spkiOf(makeKeys('ed25519')))), undefined);
  const rsa = parsePublicKey(spkiOf(makeKeys('rsa')));
  for (const bits of [2047, 2049, 7680, 8192]) assert.equal(algorithmOf({ ...rsa, bits }), undefined);
});
