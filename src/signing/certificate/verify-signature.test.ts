import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import {
  hashAlgorithm,
  makeAuthority,
  makeCertificateDer,
  makeKeys,
  makeSigner,
  pssSignature,
  signatureFor,
  type TestKeyType,
  type TestSignature,
} from '../../../testing/signing/certificate-maker.ts';
import { CodecError } from '../../codec/error.ts';
import { derContext, derInteger, derOid, derSequence, derValue } from '../../codec/der/write.ts';
import { derTag } from '../../codec/der/tag.ts';
import { parseCertificate } from './parse.ts';
import { isSignedBy } from './verify-signature.ts';

const types: readonly TestKeyType[] = ['P-256', 'P-384', 'P-521', 'ed25519', 'rsa'];
const hashes = ['sha256', 'sha384', 'sha512'];

test('isSignedBy() knows every trusted algorithm, and no other key', () => {
  for (const type of types) {
    const keys = makeKeys(type);
    const root = makeAuthority('root', { keys });
    const others = types.map((other) => makeAuthority('root', { keys: makeKeys(other) }).parsed.publicKey);
    const signatures: TestSignature[] = hashes.map((hash) => signatureFor(keys, hash));
    if (type === 'rsa')
      signatures.push(pssSignature('sha256', 32), pssSignature('sha384', 48), pssSignature('sha512', 64));
    for (const signature of signatures) {
      const { parsed } = makeSigner(root, { signature });
      assert.equal(isSignedBy(parsed, root.parsed.publicKey), true, `${type} ${signature.hash}`);
      assert.equal(new X509Certificate(parsed.der).verify(keys.publicKey), true, 'OpenSSL');
      for (const other of others) assert.equal(isSignedBy(parsed, other), false, `${type} by ${other.type}`);
      const tampered = Buffer.from(parsed.der);
      tampered[tampered.indexOf('example.com')] = 0x45;
      assert.equal(isSignedBy(parseCertificate(tampered), root.parsed.publicKey), false);
    }
  }
});

test('isSignedBy() refuses weak algorithms and odd parameters', () => {
  const [rsa, ecdsa] = [makeKeys('rsa'), makeKeys('P-256')];
  const nothing = derValue(derTag.null);
  const ecdsaOid = derOid('1.2.840.10045.4.3.2');
  const pss = derOid('1.2.840.113549.1.1.10');
  const mask = derSequence(derOid('1.2.840.113549.1.1.8'), hashAlgorithm('sha256'));
  const [hash, salt] = [derContext(0, hashAlgorithm('sha256')), derContext(2, derInteger(32))];
  const twoHashes = derContext(0, hashAlgorithm('sha256'), hashAlgorithm('sha256'));
  const oddHash = derContext(0, derSequence(derOid('2.16.840.1.101.3.4.2.1'), derInteger(1)));
  const odd: readonly (readonly [string, typeof rsa, Buffer | TestSignature])[] = [
    ['SHA-1 with RSA', rsa, signatureFor(rsa, 'sha1')],
    ['MD5 with RSA', rsa, signatureFor(rsa, 'md5')],
    ['SHA-1 with ECDSA', ecdsa, signatureFor(ecdsa, 'sha1')],
    ['PSS with all defaults', rsa, derSequence(pss, derSequence())],
    ['PSS without parameters', rsa, derSequence(pss)],
    ['PSS with another mask', rsa, pssSignature('sha256', 32, 'sha512')],
    ['PSS with little salt', rsa, pssSignature('sha256', 20)],
    ['PSS out of order', rsa, derSequence(pss, derSequence(derContext(1, mask), hash, salt))],
    [
      'PSS with another trailer',
      rsa,
      derSequence(pss, derSequence(hash, derContext(1, mask), salt, derContext(3, derInteger(2)))),
    ],
    [
      'PSS with more',
      rsa,
      derSequence(pss, derSequence(hash, derContext(1, mask), salt, derContext(4, derInteger(2)))),
    ],
    ['PSS without a mask', rsa, derSequence(pss, derSequence(hash, salt))],
    ['PSS without a hash', rsa, derSequence(pss, derSequence(derContext(1, mask), salt))],
    ['PSS without salt', rsa, derSequence(pss, derSequence(hash, derContext(1, mask)))],
    ['PSS with two hashes', rsa, derSequence(pss, derSequence(twoHashes, derContext(1, mask), salt))],
    ['PSS with parameters of a hash', rsa, derSequence(pss, derSequence(oddHash, derContext(1, mask), salt))],
    ['RSA in three parts', rsa, derSequence(derOid('1.2.840.113549.1.1.11'), nothing, nothing)],
    ['ECDSA with parameters', ecdsa, derSequence(ecdsaOid, nothing)],
    ['RSA with a key for an algorithm', rsa, derSequence(derOid('1.2.840.113549.1.1.1'), nothing)],
    ['RSA with odd parameters', rsa, derSequence(derOid('1.2.840.113549.1.1.11'), derInteger(1))],
    ['RSA with an empty list of parameters', rsa, derSequence(derOid('1.2.840.113549.1.1.11'), derSequence())],
    ['three parts', ecdsa, derSequence(ecdsaOid, nothing, nothing)],
  ];
  for (const [what, keys, form] of odd) {
    const root = makeAuthority('root', { keys });
    const usual = Buffer.isBuffer(form) ? { ...signatureFor(keys), algorithm: form } : form;
    const { der } = makeCertificateDer({ issuer: root, signature: usual });
    assert.throws(() => isSignedBy(parseCertificate(der), root.parsed.publicKey), CodecError, what);
  }
});
