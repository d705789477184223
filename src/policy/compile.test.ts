import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makePolicy, testNow } from '../../testing/policy/make-evidence.ts';
import { compilePolicy } from './compile.ts';
import type { Policy, Rule, SignerSet } from './model.ts';

const rule: Rule = { kind: 'signatures', name: 'signed', action: 'deny', signers: ['release'], atLeast: 1 };
function deepSet(depth: number): SignerSet {
  return { signers: [depth === 1 ? 'ci' : deepSet(depth - 1)], atLeast: 1 };
}

const exception = { name: 'e', owner: 'o', reason: 'r', until: testNow, ids: ['CVE-1'] };

const wrong: readonly (readonly [what: string, policy: Policy, message: RegExp])[] = [
  ['two rules of one name', makePolicy([rule, rule]), /rules\.1\.name is "signed", which another has too/],
  [
    'a signer that there is not',
    makePolicy([{ ...rule, signers: ['relaese'] }]),
    /rules\.0\.signatures\.signers\.0 is "relaese", and there is no such signer; did you mean release\?/,
  ],
  ['more signers than there are', makePolicy([{ ...rule, atLeast: 2 }]), /asks for 2 of 1 signers/],
  ['signers that are one', makePolicy([{ ...rule, signers: ['ci', 'ci'], atLeast: 2 }]), /asks for 2 of 1 signers/],
  ['no signers', makePolicy([{ ...rule, signers: [], atLeast: 0 }]), /asks for 0 of 0 signers/],
  [
    'a signer within a set that there is not',
    makePolicy([{ ...rule, signers: [{ signers: ['cii'], atLeast: 1 }] }]),
    /rules\.0\.signatures\.signers\.0\.signers\.0 is "cii", .* did you mean ci\?/,
  ],
  [
    'more signers of a set than there are',
    makePolicy([{ ...rule, signers: [{ signers: ['ci'], atLeast: 2 }] }]),
    /rules\.0\.signatures\.signers\.0 asks for 2 of 1 signers/,
  ],
  [
    'sets too far within each other',
    makePolicy([{ ...rule, signers: [deepSet(4)] }]),
    /rules\.0\.signatures has more than 4 sets within each other/,
  ],
  [
    'too many signers',
    makePolicy([{ ...rule, signers: Array.from({ length: 51 }, () => ({ signers: ['ci'], atLeast: 1 })) }]),
    /names more than 50 signers/,
  ],
  [
    'a signer without keys',
    makePolicy([], { signers: [{ name: 's', keys: [], identities: [] }] }),
    /signers\.0 has neither keys nor identities/,
  ],
  [
    'an exception from everything',
    makePolicy([rule], { exceptions: [{ ...exception, ids: undefined as never }] }),
    /exceptions\.0 would let everything pass/,
  ],
  [
    'an exception from a rule that there is not',
    makePolicy([rule], { exceptions: [{ ...exception, rules: ['sigend'] }] }),
    /exceptions\.0\.rules\.0 is "sigend", .* did you mean signed\?/,
  ],
  [
    'a pattern',
    makePolicy([{ ...rule, match: { repositories: ['[a'] } }]),
    /rule "signed" cannot be used: The pattern/,
  ],
  ['a platform', makePolicy([{ ...rule, match: { platforms: ['amd64'] } }]), /"amd64" is not a platform/],
  [
    'a condition',
    makePolicy([{ ...rule, kind: 'attestation', predicateType: 'https://a', condition: { cel: 'predikate.x' } }]),
    /The condition cannot be read/,
  ],
  [
    'too many rules',
    makePolicy(Array.from({ length: 201 }, (_, index) => ({ ...rule, name: `r${index}` }))),
    /rules are more than 200/,
  ],
];

for (const [what, policy, message] of wrong) {
  test(`compilePolicy() refuses ${what}`, () => {
    assert.throws(() => compilePolicy(policy), { name: 'PolicyError', code: 'POLICY_INVALID', message });
  });
}

test('the hash of a policy hangs on what it means alone', () => {
  const policy = makePolicy([rule, { ...rule, name: 'other', signers: ['ci', 'release'] }], {
    exceptions: [exception],
  });
  const { hash } = compilePolicy(policy);
  assert.match(hash, /^[0-9a-f]{64}$/);
  const turned: Policy = {
    unknown: policy.unknown,
    exceptions: policy.exceptions,
    signers: policy.signers.toReversed(),
    rules: [
      { ...rule, name: 'other', signers: ['release', 'ci'] },
      { signers: ['release'], atLeast: 1, action: 'deny', name: 'signed', kind: 'signatures' },
    ],
    exceptionHelp: undefined as never,
  };
  assert.equal(compilePolicy(turned).hash, hash);
  for (const other of [
    { ...policy, unknown: 'allow' as const },
    { ...policy, exceptionHelp: 'x' },
    { ...policy, exceptions: [{ ...exception, until: testNow + 1 }] },
    { ...policy, rules: policy.rules.slice(1) },
    { ...policy, rules: [{ ...rule, action: 'warn' as const }, ...policy.rules.slice(1)] },
  ]) {
    assert.notEqual(compilePolicy(other).hash, hash);
  }
});
