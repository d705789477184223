import assert from 'node:assert/strict';
import { test } from 'node:test';
import { day, judgeOne, known, testNow } from '../../../testing/policy/make-evidence.ts';
import type { AttestationCheck, Gathered, VerifiedAttestation } from '../evidence.ts';
import type { AttestationRule } from '../model.ts';
import type { Outcome } from '../verdict.ts';

const predicateType = 'https://slsa.dev/provenance/v1';
const base: AttestationRule = {
  kind: 'attestation',
  name: 'a',
  action: 'deny',
  predicateType,
  signers: ['ci'],
  atLeast: 1,
};
const built: Partial<AttestationRule> = { condition: { cel: 'predicate.builder.id == "https://good"' } };

function statement(id: string, parts: Partial<VerifiedAttestation> = {}): VerifiedAttestation {
  return { predicate: { builder: { id } }, by: 'k1', signedAt: testNow - 10 * day, ...parts };
}

function found(...verified: VerifiedAttestation[]): Gathered<AttestationCheck> {
  return known({ verified });
}

const cases: readonly (readonly [
  what: string,
  rule: Partial<AttestationRule>,
  ci: Gathered<AttestationCheck> | undefined,
  outcome: Outcome,
  sentence?: RegExp,
])[] = [
  ['a statement', {}, found(statement('x')), 'passed'],
  [
    'none',
    {},
    { state: 'absent', at: 0 },
    'violated',
    /no statement https:\/\/slsa.* of ci \(there is none; wanted: the key in ci\.pub\)/,
  ],
  [
    'none that counts',
    {},
    known({ verified: [], refused: 'it is about another image' }),
    'violated',
    /about another image/,
  ],
  ['what was not gathered', {}, undefined, 'undecided', /attestation https:\/\/slsa\S+ of ci was not looked for/],
  ['what is pending', {}, { state: 'pending' }, 'undecided'],
  ['what could not be asked', {}, { state: 'unavailable', reason: 'away' }, 'undecided', /\(away\)/],
  ['a condition that is met', built, found(statement('https://good')), 'passed'],
  [
    'a condition that is not',
    built,
    found(statement('https://evil')),
    'violated',
    /\(its condition is not met: predicate\.builder/,
  ],
  ['a condition without an answer', built, found(statement('', { predicate: {} })), 'violated', /has no answer/],
  ['a predicate of no form', built, found(statement('', { predicate: null })), 'violated', /has no answer/],
  ['one of two', built, found(statement('https://evil'), statement('https://good')), 'passed'],
  [
    'one of two, where all must',
    { ...built, which: 'all' },
    found(statement('https://evil'), statement('https://good')),
    'violated',
  ],
  ['all of two', { ...built, which: 'all' }, found(statement('https://good'), statement('https://good')), 'passed'],
  ['a young one', { maxAge: 10 * day + 1 }, found(statement('x')), 'passed'],
  ['an old one', { maxAge: 10 * day }, found(statement('x')), 'violated', /none was signed recently enough/],
  ['one of an unknown age', { maxAge: 10 * day }, found({ predicate: {}, by: 'k1' }), 'violated', /recently enough/],
  [
    'an old one that fails beside a young one that does not',
    { ...built, which: 'all', maxAge: day },
    found(statement('https://evil'), statement('https://good', { signedAt: testNow })),
    'passed',
  ],
];

for (const [what, rule, ci, outcome, sentence] of cases) {
  test(`a rule about statements is ${outcome} by ${what}`, () => {
    const attestations = { [predicateType]: ci === undefined ? {} : { ci } };
    const verdict = judgeOne({ ...base, ...rule }, { attestations });
    assert.equal(verdict.outcome, outcome);
    if (sentence !== undefined) assert.match(verdict.sentence, sentence);
  });
}

test('a rule about statements takes no other type for the one it asks for', () => {
  const attestations = { 'https://other': { ci: found(statement('x')) } };
  assert.equal(judgeOne(base, { attestations }).outcome, 'undecided');
});

test('a rule about statements counts whoever signed for two once', () => {
  const rule: AttestationRule = { ...base, signers: ['ci', 'release'], atLeast: 2 };
  const judge = (key: string): Outcome =>
    judgeOne(rule, {
      attestations: { [predicateType]: { ci: found(statement('x')), release: found(statement('x', { by: key })) } },
    }).outcome;
  assert.equal(judge('k1'), 'violated');
  assert.equal(judge('k2'), 'passed');
});
