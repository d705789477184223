import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseAuthChallenges } from '../../oci/client/auth-challenge.ts';
import { parseScopes } from './access.ts';
import { basicChallenge, bearerChallenge } from './challenge.ts';
import { isRegistryAuthError } from './error.ts';

const realm = new URL('https://reg.example.com/auth/token');

test('bearerChallenge() says where a token is had, and for what', () => {
  assert.equal(
    bearerChallenge({ realm, service: 'reg.example.com' }),
    'Bearer realm="https://reg.example.com/auth/token",service="reg.example.com"',
  );
  const access = parseScopes(['repository:team/app:pull,push', 'registry:catalog:*']);
  assert.equal(
    bearerChallenge({ realm, service: 'reg', access, error: 'insufficient_scope' }),
    'Bearer realm="https://reg.example.com/auth/token",service="reg",' +
      'scope="repository:team/app:pull,push registry:catalog:*",error="insufficient_scope"',
  );
});

test('bearerChallenge() announces no address that would leak something or that is none', () => {
  for (const bad of [
    'ftp://a/',
    'javascript:alert(1)',
    'https://user:secret@a/',
    'https://a/#x',
    'file:///etc/passwd',
  ]) {
    assert.throws(
      () => bearerChallenge({ realm: new URL(bad), service: 'a' }),
      (error) => isRegistryAuthError(error, 'AUTH_SETTING_INVALID') && !error.message.includes('secret'),
      bad,
    );
  }
});

test('basicChallenge() names the realm and the encoding', () => {
  assert.equal(basicChallenge('Seaworthy'), 'Basic realm="Seaworthy", charset="UTF-8"');
  assert.equal(basicChallenge('a "b" \\'), 'Basic realm="a \\"b\\" \\\\", charset="UTF-8"');
  assert.equal(basicChallenge('a\r\nSet-Cookie: x=1\0é'), 'Basic realm="aSet-Cookie: x=1", charset="UTF-8"');
});

test('no text gets out of its quotes', () => {
  const units = fc.integer({ min: 0, max: 0x2ff }).map((unit) => String.fromCharCode(unit));
  fc.assert(
    fc.property(fc.string({ unit: units }), (text) => {
      const header = bearerChallenge({ realm, service: text, error: 'invalid_token' });
      assert.match(header, /^[ -~]+$/);
      const [challenge, ...rest] = parseAuthChallenges(header);
      assert.equal(rest.length, 0);
      assert.deepEqual(
        [...(challenge?.parameters ?? [])],
        [
          ['realm', realm.href],
          ['service', text.replaceAll(/[^ -~]/g, '')],
          ['error', 'invalid_token'],
        ],
      );
    }),
  );
});
