import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertSurvives } from '../../../testing/hostile-bytes.ts';
import { extension, generalName, makeCertificate, makeName } from '../../../testing/signing/certificate-maker.ts';
import { CodecError } from '../../codec/error.ts';
import { derContext, derInteger, derOid, derValue } from '../../codec/der/write.ts';
import { derTag } from '../../codec/der/tag.ts';
import type { Certificate } from './certificate.ts';
import { certificateLimits } from './limits.ts';
import { parseCertificate } from './parse.ts';
import { readSubjectAlternativeNames } from './subject-alternative-names.ts';

const fulcioName = '1.3.6.1.4.1.57264.1.7';
const userPrincipalName = '1.3.6.1.4.1.311.20.2.3';

function withNames(...names: readonly Buffer[]): Certificate {
  return makeCertificate({ extensions: [extension.names(...names)] }).parsed;
}

test('readSubjectAlternativeNames() reads all names of all kinds', () => {
  const certificate = withNames(
    generalName.uri('https://github.com/o/r/.github/workflows/w.yml@refs/heads/main'),
    generalName.email('dev@example.com'),
    generalName.dns('build.example.com'),
    generalName.ip(192, 0, 2, 1),
    generalName.ip(0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1),
    generalName.other(fulcioName, 'user@oidc.example'),
    generalName.directory(makeName('somebody')),
    generalName.other(userPrincipalName, 'user@oidc.example'),
    derValue(0x88, Buffer.from([0x2a, 3])),
  );
  assert.deepEqual(
    readSubjectAlternativeNames(certificate).map(({ kind, value }) => `${kind} ${value}`),
    [
      'uri https://github.com/o/r/.github/workflows/w.yml@refs/heads/main',
      'email dev@example.com',
      'dns build.example.com',
      'ip 192.0.2.1',
      'ip 2001:db8:0:0:0:0:0:1',
      'other-name user@oidc.example',
      'directory CN=somebody',
      // Not an identity, although its text is the same as that of Fulcio's name.
      `unsupported ${generalName.other(userPrincipalName, 'user@oidc.example').toString('hex')}`,
      'unsupported 88022a03',
    ],
  );
  assert.deepEqual(readSubjectAlternativeNames(makeCertificate({}).parsed), []);
});

test('readSubjectAlternativeNames() refuses names that readers could take for others', () => {
  for (const name of [
    generalName.uri(''),
    generalName.uri('https://example.com/\u0000.evil'),
    generalName.email('dev@example.com\n'),
    generalName.dns('ex\u00e4mple.com'),
    generalName.ip(1, 2, 3),
    generalName.other(fulcioName, ''),
    generalName.other(fulcioName, 'a\u0000b'),
    derContext(0, derOid(fulcioName), derContext(0, derInteger(1))),
    derContext(0, derOid(fulcioName)),
    derContext(0, derOid(fulcioName), derContext(0, derValue(derTag.ia5String, Buffer.from('user')))),
    derContext(0, derOid(fulcioName), derContext(1, derValue(derTag.utf8String, Buffer.from('user')))),
    derContext(0, derOid(fulcioName), derContext(0, derValue(derTag.utf8String, Buffer.from('user'))), derInteger(1)),
    derValue(0x86, Buffer.from([0x61, 0x80])),
    derValue(0x90, Buffer.from('x')),
    derInteger(1),
  ]) {
    assert.throws(() => readSubjectAlternativeNames(withNames(name)), CodecError, name.toString('hex'));
  }
  assert.throws(() => readSubjectAlternativeNames(withNames()), /empty list/);
  const many = Array.from({ length: certificateLimits.names + 1 }, () => generalName.dns('a'));
  assert.throws(() => readSubjectAlternativeNames(withNames(...many)), { code: 'LIMIT_EXCEEDED' });
});

test('readSubjectAlternativeNames() survives hostile bytes', () => {
  const { der } = makeCertificate({
    extensions: [
      extension.names(
        generalName.other(fulcioName, 'user'),
        generalName.directory(makeName('x')),
        generalName.ip(1, 2, 3, 4),
        generalName.uri('https://example.com'),
      ),
    ],
  });
  assertSurvives(
    [der],
    (bytes) => readSubjectAlternativeNames(parseCertificate(bytes)),
    (names) => {
      for (const { kind, value } of names) assert.ok(kind === 'unsupported' || !/\p{Cc}/u.test(value), value);
    },
  );
});
