import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertSurvives } from '../../../../testing/hostile-bytes.ts';
import { parseIdentityToken } from './identity-token.ts';

const now = new Date('2026-01-02T03:04:05Z');
const later = now.getTime() / 1000 + 600;

function token(claims: unknown): string {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'RS256' })}.${part(claims)}.c2ln`;
}

test('parseIdentityToken() reads whom Fulcio wants a proof from', () => {
  for (const [claims, principal] of [
    [{ iss: 'https://i', sub: 's', exp: later }, 's'],
    [{ iss: 'https://i', sub: 's', email: 'a@b', email_verified: true, exp: later }, 'a@b'],
    [{ iss: 'https://i', sub: 's', email: 'a@b', email_verified: 'true', exp: later }, 'a@b'],
    [{ iss: 'https://i', sub: 's', email: '', exp: later }, 's'],
  ] as const) {
    const text = token(claims);
    const read = parseIdentityToken(` ${text}\n`, now);
    assert.deepEqual(read, { text, issuer: 'https://i', principal, expires: new Date(later * 1000) });
  }
});

test('parseIdentityToken() refuses what Fulcio would refuse, and never repeats the token', () => {
  for (const text of [
    '',
    'a.b',
    'a.b.c.d',
    '.'.repeat(60_000),
    'x'.repeat(70_000),
    token(null),
    token({ iss: 'https://i', sub: 's' }),
    token({ iss: 'https://i', sub: 's', exp: later - 601 }),
    token({ sub: 's', exp: later }),
    token({ iss: 'https://i', exp: later }),
    token({ iss: 'https://i', sub: 's', email: 'a@b', exp: later }),
    token({ iss: 'https://i', sub: 's', email: 'a@b', email_verified: false, exp: later }),
    `${token({})}=`,
  ]) {
    assert.throws(
      () => parseIdentityToken(text, now),
      (error: Error & { code?: string }) =>
        error.code === 'IDENTITY_TOKEN_INVALID' && (text.length < 5 || !error.message.includes(text.slice(0, 40))),
      text.slice(0, 80),
    );
  }
});

test('parseIdentityToken() survives hostile bytes', () => {
  const seed = token({ iss: 'https://i', sub: 's', exp: later });
  assertSurvives([seed], (bytes) => parseIdentityToken(bytes.toString(), now));
});
