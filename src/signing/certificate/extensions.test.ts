import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertSurvives } from '../../../testing/hostile-bytes.ts';
import {
  extension,
  makeCertificate,
  makeExtension,
  makeSigner,
  makeAuthority,
} from '../../../testing/signing/certificate-maker.ts';
import { CodecError } from '../../codec/error.ts';
import { derBoolean, derInteger, derSequence, derValue } from '../../codec/der/write.ts';
import { derTag } from '../../codec/der/tag.ts';
import type { Certificate } from './certificate.ts';
import {
  readAuthorityKeyId,
  readBasicConstraints,
  readExtendedKeyUsage,
  readKeyUsage,
  readSubjectKeyId,
} from './extensions.ts';
import { parseCertificate } from './parse.ts';

function withExtension(...extensions: readonly Buffer[]): Certificate {
  return makeCertificate({ extensions }).parsed;
}

test('the readers of extensions read what authorities write', () => {
  assert.deepEqual(readBasicConstraints(withExtension(extension.authority(3))), { isAuthority: true, pathLength: 3 });
  assert.deepEqual(readBasicConstraints(withExtension(extension.authority())), { isAuthority: true });
  assert.deepEqual(readBasicConstraints(withExtension(extension.notAuthority())), { isAuthority: false });
  const spelt = makeExtension('2.5.29.19', true, derSequence(derBoolean(false)));
  assert.deepEqual(readBasicConstraints(withExtension(spelt)), { isAuthority: false });
  assert.deepEqual([...(readKeyUsage(withExtension(extension.keyUsage(5, 6))) ?? [])], [5, 6]);
  assert.deepEqual(readExtendedKeyUsage(withExtension(extension.purposes(['1.2.3', '1.2.4']))), ['1.2.3', '1.2.4']);
  const id = Buffer.from('the key');
  assert.deepEqual(readSubjectKeyId(withExtension(extension.subjectKeyId(id))), id);
  assert.deepEqual(readAuthorityKeyId(withExtension(extension.authorityKeyId(id))), id);
  const bare = withExtension();
  for (const read of [readBasicConstraints, readKeyUsage, readExtendedKeyUsage, readSubjectKeyId, readAuthorityKeyId]) {
    assert.equal(read(bare), undefined);
  }
});

test('the readers of extensions refuse what RFC 5280 forbids', () => {
  const wrong: readonly (readonly [(certificate: Certificate) => unknown, string, Buffer])[] = [
    [readBasicConstraints, '2.5.29.19', derSequence(derInteger(1))],
    [readBasicConstraints, '2.5.29.19', derSequence(derBoolean(true), derInteger(-1))],
    [readBasicConstraints, '2.5.29.19', derSequence(derBoolean(true), derInteger(1), derInteger(1))],
    [readBasicConstraints, '2.5.29.19', Buffer.concat([derSequence(derBoolean(true)), Buffer.alloc(2)])],
    [readKeyUsage, '2.5.29.15', derValue(derTag.bitString, Buffer.from([0]))],
    [readKeyUsage, '2.5.29.15', derInteger(1)],
    [readExtendedKeyUsage, '2.5.29.37', derSequence()],
    [readExtendedKeyUsage, '2.5.29.37', derSequence(derInteger(1))],
    [readSubjectKeyId, '2.5.29.14', derInteger(1)],
    [readAuthorityKeyId, '2.5.29.35', derInteger(1)],
  ];
  for (const [read, oid, value] of wrong) {
    const certificate = withExtension(makeExtension(oid, false, value));
    assert.throws(() => read(certificate), CodecError, `${oid} ${value.toString('hex')}`);
  }
});

test('the readers of extensions survive hostile bytes', () => {
  const root = makeAuthority('root', {}, 1);
  const id = Buffer.alloc(20, 1);
  const { der } = makeSigner(root, {
    extensions: [
      extension.authority(1),
      extension.keyUsage(0),
      extension.purposes(['1.2.3']),
      extension.subjectKeyId(id),
      extension.authorityKeyId(id),
    ],
  });
  assertSurvives([der], (bytes) => {
    const certificate = parseCertificate(bytes);
    readBasicConstraints(certificate);
    readKeyUsage(certificate);
    readExtendedKeyUsage(certificate);
    readSubjectKeyId(certificate);
    readAuthorityKeyId(certificate);
  });
});
