import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { redactText, redactUrl } from './redact.ts';

test('redactUrl() hides what may be a secret', () => {
  for (const [url, shown] of [
    ['https://h/a', 'https://h/a'],
    ['https://user:pass@h:8443/a#frag', 'https://***@h:8443/a'],
    ['https://h/a?scope=repository%3Ax%3Apull&service=s', 'https://h/a?scope=repository%3Ax%3Apull&service=s'],
    ['https://h/a?X-Amz-Signature=abc&X-Amz-Expires=60', 'https://h/a?X-Amz-Signature=***&X-Amz-Expires=***'],
    ['https://h/a?sig=abc&sig=def', 'https://h/a?sig=***&sig=***'],
    ['no url: secret', '(an invalid URL)'],
  ] as const) {
    assert.equal(redactUrl(url), shown);
  }
});

test('redactText() hides addresses, authorization, tokens and the secrets named', () => {
  for (const [text, secrets, shown] of [
    ['see https://u:p4ss@h/x?token=abc for more', [], 'see https://***@h/x?token=*** for more'],
    ['Authorization: Bearer abc.def-123', [], 'Authorization: Bearer ***'],
    ['basic dXNlcjpwYXNz failed', [], 'basic *** failed'],
    ['token eyJhbGciOiJub25l.eyJzdWIiOiJ4.c2ln rejected', [], 'token *** rejected'],
    ['the password hold-fast is wrong', ['hold-fast'], 'the password *** is wrong'],
    ['a is a letter', ['a'], 'a is a letter'],
  ] as const) {
    assert.equal(redactText(text, secrets), shown);
  }
});

test('redactText() never lets a named secret through, and takes any text', () => {
  const secret = fc
    .string({ minLength: 6, maxLength: 20 })
    .filter((text) => !text.includes('*') && text.trim() === text);
  fc.assert(
    fc.property(fc.string(), secret, fc.string(), (before, hidden, after) => {
      assert.ok(!redactText(`${before}${hidden}${after}`, [hidden]).includes(hidden));
    }),
  );
});
