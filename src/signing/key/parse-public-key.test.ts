import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { makeCertificate } from '../../../testing/registry/certificate.ts';
import { assertSurvives } from '../../../testing/hostile-bytes.ts';
import { CodecError } from '../../codec/error.ts';
import { SigningError } from '../error.ts';
import { parsePublicKey } from './parse-public-key.ts';
import { formatPublicKey } from './public-key-pem.ts';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const spki = ec.publicKey.export({ type: 'spki', format: 'der' });
const pem = String(ec.publicKey.export({ type: 'spki', format: 'pem' }));

test('parsePublicKey() reads PEM, PKCS#1 and DER', () => {
  for (const text of [pem, Buffer.from(pem), spki, pem.replaceAll('\n', '\r\n'), `# our key\n${pem}`]) {
    assert.deepEqual(parsePublicKey(text).spki, spki);
  }
  const pkcs1 = String(rsa.publicKey.export({ type: 'pkcs1', format: 'pem' }));
  assert.deepEqual(parsePublicKey(pkcs1).spki, rsa.publicKey.export({ type: 'spki', format: 'der' }));
});

test('formatPublicKey() writes what OpenSSL writes', () => {
  assert.equal(formatPublicKey(parsePublicKey(pem)), pem);
  const long = String(rsa.publicKey.export({ type: 'spki', format: 'pem' }));
  assert.equal(formatPublicKey(parsePublicKey(long)), long);
});

test('parsePublicKey() says what to do with what is no public key', () => {
  const weak = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ type: 'spki', format: 'pem' });
  for (const [text, sentence] of [
    [makeCertificate('example').cert, /certificate, not a public key: .*openssl x509 -pubkey/],
    [String(ec.privateKey.export({ type: 'pkcs8', format: 'pem' })), /private key where a public one belongs/],
    [
      '-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\n-----END ENCRYPTED SIGSTORE PRIVATE KEY-----\n',
      /private key where/,
    ],
    ['-----BEGIN CMS-----\n-----END CMS-----\n', /"CMS", not a public key/],
    [pem + pem, /more than one PEM block/],
    ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPLb', /holds no key/],
    ['', /holds no key/],
    [String(weak), /1024 bits; it takes 2048 to 16384; give a PEM file/],
    ['x'.repeat(70_000), /at most 65536 bytes/],
    [pem.slice(0, 60), /ends within a block; give a PEM file/],
  ] as const) {
    assert.throws(
      () => parsePublicKey(text),
      (error) => error instanceof SigningError && error.code === 'KEY_INVALID' && sentence.test(error.message),
      String(sentence),
    );
  }
  assert.throws(
    () => parsePublicKey(spki.subarray(0, 20)),
    (error) => error instanceof SigningError && error.cause instanceof CodecError,
  );
});

test('parsePublicKey() survives hostile bytes', () => {
  assertSurvives([pem, spki], parsePublicKey);
  assertSurvives([pem], (bytes) => parsePublicKey(bytes.toString('latin1')));
});
