import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertSurvives } from '../../../testing/hostile-bytes.ts';
import { makeSubject } from '../../../testing/signing/notation/maker.ts';
import { derTag } from '../../codec/der/tag.ts';
import { derOid, derSequence, derSet, derValue } from '../../codec/der/write.ts';
import { CodecError } from '../../codec/error.ts';
import { isSubsetOf, parseSubjectName, readSubjectName } from './subject-name.ts';

const acme = { C: 'US', ST: 'WA', O: 'acme' };
const nameOf = (parts: Readonly<Record<string, string>>): ReadonlyMap<string, string> => new Map(Object.entries(parts));

test('names of policies are read as RFC 4514 has them', () => {
  const names: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    'C=US,ST=WA,O=acme': acme,
    '  C = US ,  S=WA , O =  acme  ': acme,
    'C=US, ST=WA, O=a\\,b': { ...acme, O: 'a,b' },
    'C=US, ST=WA, O=a\\;b\\\\c': { ...acme, O: 'a;b\\c' },
    'C=US, ST=WA, O=\\ acme\\ ': { ...acme, O: ' acme ' },
    'C=US, ST=WA, O=a b': { ...acme, O: 'a b' },
    'C=US, ST=WA, O=a=b': { ...acme, O: 'a=b' },
    'C=US, ST=WA, O=caf\\C3\\A9': { ...acme, O: 'café' },
    'C=US, ST=WA, O=café 🚢': { ...acme, O: 'café 🚢' },
    'C=US, ST=WA, O=a#b': { ...acme, O: 'a#b' },
    'C=US, ST=WA, O=\\#b': { ...acme, O: '#b' },
    'C=US, ST=WA, O=acme, 1.2.3.4=x': { ...acme, '1.2.3.4': 'x' },
  };
  for (const [text, wanted] of Object.entries(names)) assert.deepEqual(parseSubjectName(text), nameOf(wanted), text);
});

test('names of policies that can be read in two ways are refused', () => {
  for (const text of [
    '',
    'C=US, ST=WA',
    'C=US, O=acme',
    'ST=WA, O=acme',
    'C=US, ST=WA, O=',
    'C=US, ST=WA, O=  ',
    'c=US, ST=WA, O=acme',
    'C=US, ST=WA, O=acme,',
    'C=US, ST=WA, O=acme, O=other',
    'C=US, ST=WA, S=WA, O=acme',
    'C=US, ST=WA, O=acme+OU=x',
    'C=US; ST=WA; O=acme',
    'C=US, ST=WA, O="acme"',
    'C=US, ST=WA, O=#04024869',
    'C=US, ST=WA, O=<acme>',
    'C=US, ST=WA, O=acme\\',
    'C=US, ST=WA, O=ac\\me',
    'C=US, ST=WA, O=a\\00',
    'C=US, ST=WA, O=\\FF',
    'C=US, ST=WA, O=acme, =x',
    'C=US, ST=WA, O=acme, C N=x',
    'C=US, ST=WA, O=acme, x',
  ]) {
    // A NUL is a character like others once it is escaped; certificates with it are for people to look at.
    if (text.endsWith('\\00')) assert.equal(parseSubjectName(text).get('O'), 'a\0');
    else assert.throws(() => parseSubjectName(text), CodecError, text);
  }
  assertSurvives(['C=US, ST=WA, O=a\\,b\\C3\\A9'], (bytes) => parseSubjectName(bytes.toString()));
});

test('subjects of certificates are read as they are, each type once', () => {
  const parts = Object.entries(acme);
  assert.deepEqual(readSubjectName(makeSubject(parts)), nameOf(acme));
  assert.deepEqual(readSubjectName(makeSubject(parts, derTag.printableString)), nameOf(acme));
  assert.deepEqual(
    readSubjectName(makeSubject([...parts, ['OU', 'a'], ['1.2.3.4', 'x']])),
    nameOf({ ...acme, OU: 'a', '1.2.3.4': 'x' }),
  );
  const hostile = { ...acme, O: 'evil, O=acme' };
  assert.deepEqual(readSubjectName(makeSubject(Object.entries(hostile))), nameOf(hostile));
  // BMPString: its octets are compared, and no policy says them.
  const old = readSubjectName(makeSubject([...parts, ['CN', 'x']], 0x1e));
  assert.match(old.get('CN') ?? '', /^#1e01/);

  const attribute = (oid: string, text: string): Buffer =>
    derSequence(derOid(oid), derValue(derTag.utf8String, Buffer.from(text)));
  const several = derSequence(
    derSet(attribute('2.5.4.6', 'US')),
    derSet(attribute('2.5.4.8', 'WA')),
    derSet(attribute('2.5.4.10', 'acme'), attribute('2.5.4.11', 'x')),
  );
  for (const subject of [
    derSequence(),
    makeSubject(parts.slice(1)),
    makeSubject([...parts, ['O', 'other']]),
    makeSubject([...parts, ['OU', 'a'], ['OU', 'b']]),
    several,
  ]) {
    assert.throws(() => readSubjectName(subject), CodecError);
  }
});

test('a name is part of another when the other says all of it', () => {
  const whole = nameOf({ ...acme, CN: 'x' });
  assert.ok(isSubsetOf(nameOf(acme), whole));
  assert.ok(isSubsetOf(whole, whole));
  assert.ok(!isSubsetOf(whole, nameOf(acme)));
  assert.ok(!isSubsetOf(nameOf({ ...acme, O: 'Acme' }), whole));
});
