import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeFact } from './describe-fact.ts';

test('describeFact() tells whom a certificate names and who was asked for, of signatures and of bills of materials', () => {
  const found = `https://github.com/${'o'.repeat(100)}/.github/workflows/release.yml@refs/tags/v1`;
  const why = `1 signature was found and does not count: It names somebody else (found ${found}, wanted release@example.org)`;
  const bill = { kind: 'sbom', accepted: false, format: 'cyclonedx', digest: 'sha256:0', why } as const;
  for (const fact of [bill, { kind: 'signature', signer: 'release', verified: false, why } as const]) {
    const text = describeFact(fact);
    assert.ok(text.includes(`(found ${found}, wanted release@example.org)`), text);
  }
  assert.ok(describeFact({ ...bill, why: `\u001b[2J${'x'.repeat(10_000)}` }).length < 1000);
  assert.ok(!describeFact({ ...bill, why: '\u001b[2J' }).includes('\u001b'));
});
