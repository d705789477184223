import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testHost } from '../../../testing/test-host.ts';
import { signPredicateType } from '../../signing/statement/predicate-type.ts';
import { VerificationError } from '../../signing/verify/verification-error.ts';
import { sayTypes, wantedType } from './wanted-type.ts';

test('wantedType() takes names and URIs', () => {
  assert.equal(wantedType('custom'), 'https://cosign.sigstore.dev/attestation/v1');
  assert.equal(wantedType('https://example.com/p'), 'https://example.com/p');
  for (const text of ['', 'no such type', 'toString']) {
    assert.throws(() => wantedType(text), { code: 'SETTING_INVALID' });
  }
});

function mismatch(found: string): VerificationError {
  return new VerificationError('PREDICATE_TYPE_MISMATCH', 'Another', { check: 'predicate-type', found });
}

const wrong = new VerificationError('SIGNATURE_WRONG', 'Another', { check: 'signature', found: 'another key' });

test('sayTypes() names each type that is attested once, and no signature', async () => {
  for (const [errors, said] of [
    [[], []],
    [[wrong, mismatch(signPredicateType)], []],
    [
      [mismatch('a:x'), wrong, mismatch('b:y\n'), mismatch('a:x')],
      [/^ {2}attested there: a:x, b:y[^\n]*; --type names the one to verify\n$/],
    ],
  ] as const) {
    const host = testHost();
    await sayTypes(errors, host);
    assert.equal(host.said.length, said.length);
    for (const [at, pattern] of said.entries()) assert.match(host.said[at] as string, pattern);
  }
});
