import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { assertSurvives } from '../../../testing/hostile-bytes.ts';
import {
  type CertificateParts,
  extension,
  makeAuthority,
  makeCertificate,
  makeCertificateDer,
  makeExtension,
  makeKeys,
  makeName,
  makeSigner,
  purposes,
  signatureFor,
  spkiOf,
  type TestKeyType,
} from '../../../testing/signing/certificate-maker.ts';
import { makeCtLog } from '../../../testing/signing/ct-log.ts';
import { CodecError, type CodecErrorCode } from '../../codec/error.ts';
import {
  derBitString,
  derBoolean,
  derContext,
  derInteger,
  derOid,
  derSequence,
  derTime,
  derValue,
} from '../../codec/der/write.ts';
import { readDer } from '../../codec/der/read.ts';
import { derTag } from '../../codec/der/tag.ts';
import { formatName } from './distinguished-name.ts';
import { certificateLimits } from './limits.ts';
import { parseCertificate } from './parse.ts';

function refuses(code: CodecErrorCode, der: Uint8Array, message: RegExp, what: string = String(message)): void {
  assert.throws(
    () => parseCertificate(der),
    (error) => error instanceof CodecError && error.code === code && message.test(error.message),
    what,
  );
}

test('parseCertificate() reads what OpenSSL reads', () => {
  const types: readonly (readonly [TestKeyType, string])[] = [
    ['P-256', 'ecdsa-p256'],
    ['P-384', 'ecdsa-p384'],
    ['P-521', 'ecdsa-p521'],
    ['ed25519', 'ed25519'],
    ['rsa', 'rsa'],
  ];
  const root = makeAuthority('root');
  for (const [type, name] of types) {
    const keys = makeKeys(type);
    const { der, parsed } = makeSigner(root, { keys, subject: 'signer', serialNumber: 4711 });
    const x509 = new X509Certificate(der);
    assert.equal(parsed.publicKey.type, name);
    assert.deepEqual(parsed.publicKey.spki, spkiOf(keys));
    assert.equal(formatName(parsed.subject), x509.subject);
    assert.equal(formatName(parsed.issuer), x509.issuer);
    assert.equal(parsed.serialNumber.toString('hex').toUpperCase(), x509.serialNumber);
    assert.deepEqual(parsed.notBefore, new Date(x509.validFrom));
    assert.deepEqual(parsed.notAfter, new Date(x509.validTo));
    assert.deepEqual(parsed.der, x509.raw);
    assert.deepEqual([...parsed.extensions.keys()], ['2.5.29.15', '2.5.29.37', '2.5.29.17']);
    assert.deepEqual(
      [...parsed.extensions.values()].map(({ critical }) => critical),
      [true, false, true],
    );
  }
  assert.equal(makeSigner(root).parsed.subject.length, 2);
  assert.equal(makeCertificate({}).parsed.extensions.size, 0);
});

test('parseCertificate() takes serial numbers of 20 octets and a FALSE that DER would leave out', () => {
  const serial = Buffer.alloc(20, 0xff);
  assert.deepEqual(
    makeCertificate({ serialNumber: serial }).parsed.serialNumber,
    Buffer.concat([Buffer.alloc(1), serial]),
  );
  const spelt = derSequence(derOid('1.2.3'), derBoolean(false), derValue(derTag.octetString, Buffer.from('x')));
  const extensions = makeCertificate({ extensions: [spelt] }).parsed.extensions;
  assert.deepEqual(extensions.get('1.2.3'), { critical: false, value: Buffer.from('x') });
});

test('parseCertificate() refuses every departure from RFC 5280', () => {
  const replace =
    (index: number, value: Buffer): NonNullable<CertificateParts['edit']> =>
    (fields) =>
      fields.with(index, value);
  const uniqueId = derValue(0x81, Buffer.from([0, 1]));
  const dup = extension.keyUsage(0);
  const time = derTime(new Date());
  const fraction = derValue(derTag.generalizedTime, Buffer.from('20260101000000.5Z'));
  const later = new Date('2030-01-01T00:00:00Z');
  const empty = derValue(derTag.octetString);
  for (const [what, parts, code, message] of [
    ['version 1', { edit: (fields) => fields.slice(1) }, 'MALFORMED', /tag 2 where 160/],
    ['version 2', { edit: replace(0, derContext(0, derInteger(1))) }, 'UNSUPPORTED', /version 3/],
    ['two versions', { edit: replace(0, derContext(0, derInteger(2), derInteger(2))) }, 'UNSUPPORTED', /version 3/],
    ['negative serial', { edit: replace(1, derInteger(-128)) }, 'MALFORMED', /negative/],
    ['long serial', { serialNumber: Buffer.alloc(21, 1) }, 'MALFORMED', /20 octets/],
    ['no issuer', { issuerName: derSequence() }, 'MALFORMED', /issuer has no name/],
    ['broken name', { subject: derSequence(derSequence()) }, 'MALFORMED', /tag 48 where 49/],
    ['empty part of a name', { subject: derSequence(derValue(derTag.set)) }, 'MALFORMED', /no attribute/],
    ['ends early', { notBefore: later, notAfter: new Date(later.getTime() - 1000) }, 'MALFORMED', /ends before/],
    ['one time', { edit: replace(4, derSequence(time)) }, 'MALFORMED', /two times/],
    ['fraction', { edit: replace(4, derSequence(fraction, time)) }, 'MALFORMED', /two times/],
    ['unique id', { edit: (fields) => [...fields, uniqueId] }, 'MALFORMED', /tag 129 where 163/],
    ['extension twice', { extensions: [dup, dup] }, 'MALFORMED', /2\.5\.29\.15 twice/],
    ['no extensions', { edit: (fields) => [...fields, derContext(3, derSequence())] }, 'MALFORMED', /not a list/],
    [
      'two lists',
      { edit: (fields) => [...fields, derContext(3, derSequence(dup), derSequence())] },
      'MALFORMED',
      /not a list/,
    ],
    [
      'long extension',
      { extensions: [derSequence(derOid('1.2.3'), derBoolean(true), empty, empty)] },
      'MALFORMED',
      /too many parts/,
    ],
    ['bare extension', { extensions: [derSequence(derOid('1.2.3'))] }, 'MALFORMED', /tag 6 where 4/],
    [
      'field after extensions',
      { edit: (fields) => [...fields, derContext(3, derSequence(dup)), empty] },
      'MALFORMED',
      /follows the ext/,
    ],
    [
      'other algorithm outside',
      { outerAlgorithm: derSequence(derOid('1.2.840.10045.4.3.4')) },
      'MALFORMED',
      /two algorithms/,
    ],
    ['key', { edit: replace(6, derSequence(derBitString(Buffer.from('no key')))) }, 'MALFORMED', /public key/],
  ] satisfies readonly (readonly [string, CertificateParts, CodecErrorCode, RegExp])[]) {
    refuses(code, makeCertificateDer(parts).der, message, what);
  }
  const { der } = makeCertificate({});
  refuses('MALFORMED', Buffer.concat([der, Buffer.alloc(1)]), /bytes follow/);
  refuses('MALFORMED', derSequence(readDer(der).content, derInteger(1)), /something follows the signature/);
  // GHSA-fx35-mq7g-6g98: a bare key where a certificate belongs.
  refuses('MALFORMED', spkiOf(makeKeys()), /cannot be read/);
  refuses('LIMIT_EXCEEDED', Buffer.alloc(certificateLimits.bytes + 1), /bytes/);
  const large = makeExtension('1.2.3', false, Buffer.alloc(certificateLimits.bytes));
  refuses('LIMIT_EXCEEDED', makeCertificateDer({ extensions: [large] }).der, /bytes/);
});

test('parseCertificate() survives hostile bytes', () => {
  const root = makeAuthority('root', { signature: signatureFor(makeKeys()) });
  const leaf = makeSigner(root, { logs: [makeCtLog('log')] });
  const stamping = makeCertificate({
    issuer: root,
    subject: makeName('x'),
    extensions: [extension.purposes([purposes.timeStamping], true)],
  });
  assertSurvives([leaf.der, root.der, stamping.der], parseCertificate, ({ notBefore, notAfter, extensions }) => {
    assert.ok(notBefore <= notAfter);
    assert.ok(extensions.size < 100);
  });
});
