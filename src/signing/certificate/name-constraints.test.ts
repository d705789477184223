import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  extension,
  generalName,
  makeAuthority,
  makeCertificate,
  makeExtension,
  makeName,
} from '../../../testing/signing/certificate-maker.ts';
import { CodecError } from '../../codec/error.ts';
import { derContext, derInteger, derOid, derSequence, derSet, derValue } from '../../codec/der/write.ts';
import { derTag } from '../../codec/der/tag.ts';
import { findForbiddenName } from './name-constraints.ts';

const { dns, email, uri, ip, directory, other } = generalName;
const fulcioName = '1.3.6.1.4.1.57264.1.7';
const emailSubject = derSequence(
  derSet(derSequence(derOid('1.2.840.113549.1.9.1'), derValue(derTag.ia5String, Buffer.from('a@evil.example')))),
);

test('findForbiddenName() keeps permitted and excluded spaces of names', () => {
  const cases: readonly (readonly [Buffer[], Buffer[], Buffer, boolean])[] = [
    [[dns('example.com')], [], dns('a.Example.com'), true],
    [[dns('example.com')], [], dns('example.com'), true],
    [[dns('.example.com')], [], dns('example.com'), false],
    [[dns('example.com')], [], dns('evilexample.com'), false],
    [[], [dns('example.com')], dns('a.example.com'), false],
    [[], [dns('bad.example.com')], dns('*.example.com'), false],
    [[], [dns('')], dns('anything'), false],
    [[email('example.com')], [], email('dev@EXAMPLE.com'), true],
    [[email('example.com')], [], email('dev@sub.example.com'), false],
    [[email('.example.com')], [], email('dev@sub.example.com'), true],
    [[email('dev@example.com')], [], email('dev@example.com'), true],
    [[email('dev@example.com')], [], email('Dev@example.com'), false],
    [[email('example.com')], [], email('example.com'), false],
    [[email('example.com')], [], email('@example.com'), false],
    [[email('example.com')], [], email('d@example.com'), true],
    [[email('.example.com')], [], email('d@.example.com'), false],
    [[], [email('evil.example')], email('a@evil.example'), false],
    [[uri('github.com')], [], uri('https://github.com/o/r'), true],
    [[uri('github.com')], [], uri('https://github.com:443/o'), true],
    [[uri('github.com')], [], uri('https://github.com@evil.example/o'), false],
    [[uri('github.com')], [], uri('https://evil.example\\@github.com/'), false],
    [[uri('github.com')], [], uri('https://api.github.com/o'), false],
    [[uri('.github.com')], [], uri('https://api.github.com/o'), true],
    [[uri('.github.com')], [], uri('https://a.longer.name.example/o'), false],
    [[uri('github.com')], [], uri('urn:x'), false],
    [[], [uri('evil.example')], uri('urn:x'), false],
    [[], [uri('evil.example')], uri('https://192.0.2.1/'), false],
    [[], [uri('evil.example')], uri('https://good.example/'), true],
    [[ip(192, 0, 2, 0, 255, 255, 255, 0)], [], ip(192, 0, 2, 77), true],
    [[ip(192, 0, 2, 0, 255, 255, 255, 0)], [], ip(192, 0, 3, 77), false],
    [[], [ip(192, 0, 2, 0, 255, 255, 255, 0)], ip(192, 0, 2, 77), false],
    [[], [ip(192, 0, 2)], ip(192, 0, 2, 77), false],
    [[ip(0, 0, 0, 0, 0, 0, 0, 0)], [], ip(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1), false],
    [[directory(makeName('team'))], [], directory(makeName('team')), true],
    [[directory(makeName('team'))], [], directory(makeName('other')), false],
    [[directory(derSequence())], [directory(makeName('bad'))], directory(makeName('bad')), false],
    [[other(fulcioName, 'x')], [], other(fulcioName, 'x'), false],
    [[], [other(fulcioName, 'x')], other(fulcioName, 'y'), false],
    // A kind of which nothing is said is free (RFC 5280, 4.2.1.10).
    [[dns('example.com')], [], email('dev@evil.example'), true],
    [[dns('example.com')], [], derValue(0x88, Buffer.from([0x2a, 3])), true],
    [[derValue(0x88, Buffer.from([0x2a]))], [], derValue(0x88, Buffer.from([0x2a, 3])), false],
  ];
  for (const [permitted, excluded, name, isAllowed] of cases) {
    const authority = makeAuthority('root', { extensions: [extension.nameConstraints(permitted, excluded)] }).parsed;
    const below = makeCertificate({
      subject: '',
      issuerName: makeName('root'),
      extensions: [extension.names(name)],
    }).parsed;
    const found = findForbiddenName(authority, below);
    assert.equal(found === undefined, isAllowed, `${String(permitted)} | ${String(excluded)} | ${String(name)}`);
  }
});

test('findForbiddenName() looks at the subject too', () => {
  const inTeam = makeAuthority('root', {
    extensions: [extension.nameConstraints([directory(makeName('team'))])],
  }).parsed;
  assert.equal(findForbiddenName(inTeam, makeCertificate({ subject: 'team' }).parsed), undefined);
  assert.equal(findForbiddenName(inTeam, makeCertificate({ subject: 'others' }).parsed), 'CN=others');
  const mail = makeAuthority('root', { extensions: [extension.nameConstraints([], [email('evil.example')])] }).parsed;
  assert.equal(findForbiddenName(mail, makeCertificate({ subject: emailSubject }).parsed), 'a@evil.example');
  assert.equal(findForbiddenName(mail, makeCertificate({ subject: 'a@evil.example' }).parsed), undefined);
  assert.equal(
    findForbiddenName(makeAuthority('free').parsed, makeCertificate({ subject: emailSubject }).parsed),
    undefined,
  );
});

test('findForbiddenName() refuses constraints that are broken', () => {
  const subtree = derSequence(dns('a'));
  for (const value of [
    derSequence(),
    derSequence(derInteger(1)),
    derSequence(derContext(1, subtree), derContext(0, subtree)),
    derSequence(derContext(0, subtree), derContext(1, subtree), derContext(2, subtree)),
    derSequence(derContext(0, derSequence(dns('a'), derValue(0x80, Buffer.from([1]))))),
    derSequence(derContext(0, derSequence())),
    derSequence(derContext(0, ...Array.from({ length: 300 }, () => subtree))),
  ]) {
    const authority = makeAuthority('root', { extensions: [makeExtension('2.5.29.30', true, value)] }).parsed;
    assert.throws(
      () => findForbiddenName(authority, makeCertificate({}).parsed),
      CodecError,
      value.toString('hex').slice(0, 60),
    );
  }
});
