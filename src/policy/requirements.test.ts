import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makePolicy, makeSubject } from '../../testing/policy/make-evidence.ts';
import { compilePolicy } from './compile.ts';
import type { Rule } from './model.ts';
import { requirementsOf } from './requirements.ts';

const deny = { action: 'deny' } as const;
const rules: readonly Rule[] = [
  { ...deny, kind: 'vulnerabilities', name: 'v' },
  { ...deny, kind: 'signatures', name: 's', signers: ['release', 'ci'], atLeast: 1, match: { gates: ['pull'] } },
  { ...deny, kind: 'signatures', name: 's2', signers: ['ci'], atLeast: 1 },
  { ...deny, kind: 'signatures', name: 's3', signers: ['security'], atLeast: 1, match: { repositories: ['other/**'] } },
  { ...deny, kind: 'attestation', name: 'a', predicateType: 'https://b', signers: ['ci'], atLeast: 1 },
  { ...deny, kind: 'attestation', name: 'a2', predicateType: 'https://a', signers: ['ci'], atLeast: 1 },
  { ...deny, kind: 'attestation', name: 'a3', predicateType: 'https://b', signers: ['release'], atLeast: 1 },
  { ...deny, kind: 'sbom', name: 'b', signers: ['security'] },
  { ...deny, kind: 'source', name: 'from', allow: ['docker.io/**'] },
];

test('requirementsOf() names what the covering rules need, and no more', () => {
  const compiled = compilePolicy(makePolicy(rules));
  assert.deepEqual(requirementsOf(compiled, makeSubject()), {
    kinds: new Set(['vulnerabilities', 'sbom', 'signatures', 'attestations']),
    signers: ['ci', 'release'],
    sbomSigners: ['security'],
    attestations: [
      { predicateType: 'https://a', signers: ['ci'] },
      { predicateType: 'https://b', signers: ['ci', 'release'] },
    ],
  });
  assert.deepEqual(requirementsOf(compiled, makeSubject({ gate: 'push' })).signers, ['ci']);
});

test('requirementsOf() needs nothing of an artifact, nor for rules about sources', () => {
  const nothing = { kinds: new Set(), signers: [], sbomSigners: [], attestations: [] };
  assert.deepEqual(requirementsOf(compilePolicy(makePolicy(rules)), makeSubject({ kind: 'artifact' })), nothing);
  const [from] = rules.slice(-1);
  assert.ok(from !== undefined);
  assert.deepEqual(requirementsOf(compilePolicy(makePolicy([from])), makeSubject()), nothing);
});

for (const [rule, kinds] of [
  [{ ...deny, kind: 'age', name: 'x', maxSinceCreated: 1 }, ['image']],
  [{ ...deny, kind: 'age', name: 'x', minSinceFirstSeen: 1 }, ['firstSeen']],
  [{ ...deny, kind: 'endOfLife', name: 'x' }, ['vulnerabilities']],
  [{ ...deny, kind: 'config', name: 'x', nonRoot: true }, ['image']],
] as const satisfies readonly (readonly [Rule, readonly string[]])[]) {
  test(`requirementsOf() needs ${kinds.join()} for ${Object.keys(rule).slice(-1).join()}`, () => {
    assert.deepEqual([...requirementsOf(compilePolicy(makePolicy([rule])), makeSubject()).kinds], kinds);
  });
}
