import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseAuthorization } from './credentials.ts';
import { isRegistryAuthError } from './error.ts';
import { authLimits } from './limits.ts';

const basic = (text: string | Uint8Array): string => `Basic ${Buffer.from(text as string).toString('base64')}`;

test('parseAuthorization() reads Basic and Bearer', () => {
  assert.deepEqual(parseAuthorization(undefined), { kind: 'none' });
  assert.deepEqual(parseAuthorization(basic('alice:secret')), { kind: 'basic', user: 'alice', password: 'secret' });
  assert.deepEqual(parseAuthorization(basic('a:b:c')), { kind: 'basic', user: 'a', password: 'b:c' });
  assert.deepEqual(parseAuthorization(basic('zoë:pässwörd🔑')), { kind: 'basic', user: 'zoë', password: 'pässwörd🔑' });
  assert.deepEqual(parseAuthorization(basic(':')), { kind: 'none' });
  assert.deepEqual(parseAuthorization(basic('a:')), { kind: 'basic', user: 'a', password: '' });
  assert.deepEqual(parseAuthorization(basic(':a')), { kind: 'basic', user: '', password: 'a' });
  assert.deepEqual(parseAuthorization('bAsIc  YTpi '), { kind: 'basic', user: 'a', password: 'b' });
  // Without padding, as some clients send it.
  assert.deepEqual(parseAuthorization('Basic YTpiYw'), { kind: 'basic', user: 'a', password: 'bc' });
  assert.deepEqual(parseAuthorization('Bearer a.b-c_d~e+f/g=='), { kind: 'bearer', token: 'a.b-c_d~e+f/g==' });
  assert.deepEqual(parseAuthorization('BEARER x'), { kind: 'bearer', token: 'x' });
});

test('parseAuthorization() tells malformed credentials from none', () => {
  const headers = [
    '',
    ' ',
    'Basic',
    'Basic ',
    'Bearer',
    'Bearer ',
    'Bearer a b',
    'Bearer a,b',
    'Bearer "a"',
    'Bearer a\r\nX-Evil: 1',
    'Bearer é',
    'Negotiate YTpi',
    'Digest username="a"',
    'Basic YTpi, Bearer x',
    'Basic a.b-c',
    'Basic YTpiY',
    'Basic =',
    basic('nocolon'),
    basic('a:b\n'),
    basic('a\0:b'),
    basic('a:\u0085b'),
    basic(Buffer.from([0x61, 0x3a, 0xff])),
    basic(`${'u'.repeat(authLimits.userLength + 1)}:b`),
    basic(`u:${'p'.repeat(authLimits.passwordLength + 1)}`),
    `Bearer ${'x'.repeat(authLimits.authorizationLength)}`,
  ];
  for (const header of headers) {
    assert.throws(
      () => parseAuthorization(header),
      (error) => isRegistryAuthError(error, 'CREDENTIALS_MALFORMED') && !error.message.includes('YTpi'),
      header.slice(0, 60),
    );
  }
});

test('parseAuthorization() gives back every user and password without control characters', () => {
  const texts = fc.string({ unit: fc.constantFrom(...Array.from('aZ09 :;%+="\\äß漢🔑é')), maxLength: 40 });
  const users = texts.filter((text) => !text.includes(':'));
  fc.assert(
    fc.property(users, texts, (user, password) => {
      fc.pre(user !== '' || password !== '');
      assert.deepEqual(parseAuthorization(basic(`${user}:${password}`)), { kind: 'basic', user, password });
    }),
  );
});

test('parseAuthorization() ends for any text, soon', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.string().map((text) => `Basic ${text}`),
      ),
      (header) => {
        try {
          parseAuthorization(header);
        } catch (error) {
          assert.ok(isRegistryAuthError(error, 'CREDENTIALS_MALFORMED'));
        }
      },
    ),
  );
});
