import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeOne, known } from '../../../testing/policy/make-evidence.ts';
import type { BySigner, Gathered, SignatureCheck } from '../evidence.ts';
import type { SignaturesRule } from '../model.ts';
import type { Outcome } from '../verdict.ts';

function ruleOf(atLeast: number, ...signers: string[]): SignaturesRule {
  return { kind: 'signatures', name: 's', action: 'deny', signers, atLeast };
}

function by(...credentials: string[]): Gathered<SignatureCheck> {
  return known({ verified: true, by: credentials });
}

const wrong: Gathered<SignatureCheck> = known({ verified: false, why: 'another key signed it' });
const none: Gathered<SignatureCheck> = { state: 'absent', at: 0 };
const pending: Gathered<SignatureCheck> = { state: 'pending' };
const away: Gathered<SignatureCheck> = { state: 'unavailable', reason: 'the log is away' };

const cases: readonly (readonly [
  what: string,
  rule: SignaturesRule,
  signatures: BySigner<SignatureCheck> | undefined,
  outcome: Outcome,
  sentence?: RegExp,
])[] = [
  ['one who signed', ruleOf(1, 'release'), { release: by('k1') }, 'passed'],
  ['one who signed in a way that has no name', ruleOf(1, 'release'), { release: by() }, 'passed'],
  [
    'a wrong signature',
    ruleOf(1, 'release'),
    { release: wrong },
    'violated',
    /not signed by release \(another key signed it; wanted: the key in release\.pub\)/,
  ],
  [
    'no signature',
    ruleOf(1, 'release'),
    { release: none },
    'violated',
    /not signed by release \(it has no signature; wanted: the key in/,
  ],
  [
    "another's signature",
    ruleOf(1, 'release'),
    { ci: by('k1') },
    'undecided',
    /signature of release was not looked for/,
  ],
  ['nothing gathered', ruleOf(1, 'release'), undefined, 'undecided'],
  ['what is pending', ruleOf(1, 'release'), { release: pending }, 'undecided', /still being looked for/],
  [
    'what could not be asked',
    ruleOf(1, 'release'),
    { release: away },
    'undecided',
    /of release could not .* \(the log is away\)/,
  ],
  ['any of two', ruleOf(1, 'release', 'ci'), { release: wrong, ci: by('k2') }, 'passed'],
  ['any of two while one is pending', ruleOf(1, 'release', 'ci'), { release: pending, ci: by('k2') }, 'passed'],
  ['all of two', ruleOf(2, 'release', 'ci'), { release: by('k1'), ci: by('k2') }, 'passed'],
  [
    'all of two where one is wrong',
    ruleOf(2, 'release', 'ci'),
    { release: by('k1'), ci: wrong },
    'violated',
    /not signed by ci/,
  ],
  ['all of two where one is wrong and one away', ruleOf(2, 'release', 'ci'), { release: away, ci: wrong }, 'violated'],
  ['all of two where one is away', ruleOf(2, 'release', 'ci'), { release: by('k1'), ci: away }, 'undecided'],
  [
    'two of three',
    ruleOf(2, 'release', 'ci', 'security'),
    { release: by('k1'), ci: wrong, security: by('k3') },
    'passed',
  ],
  [
    'one key under two names',
    ruleOf(2, 'release', 'ci'),
    { release: by('k1'), ci: by('k1') },
    'violated',
    /signed by ci as k1/,
  ],
  [
    'two keys of two names, one of them shared',
    ruleOf(2, 'release', 'ci'),
    { release: by('k1', 'k2'), ci: by('k1') },
    'passed',
  ],
  [
    'three names that share two keys',
    ruleOf(3, 'release', 'ci', 'security'),
    { release: by('k1', 'k2'), ci: by('k1', 'k2'), security: by('k1', 'k2') },
    'violated',
  ],
  [
    'three names that need two to give way',
    ruleOf(3, 'ci', 'release', 'security'),
    { ci: by('k1', 'k2'), release: by('k1', 'k3'), security: by('k1') },
    'passed',
  ],
  ['one name written twice', { ...ruleOf(1, 'release', 'release'), atLeast: 1 }, { release: by('k1') }, 'passed'],
  [
    'a name that every record has',
    ruleOf(1, 'release'),
    Object.create({ release: by('k1') }) as BySigner<SignatureCheck>,
    'undecided',
  ],
];

for (const [what, rule, signatures, outcome, sentence] of cases) {
  test(`a rule about signatures is ${outcome} by ${what}`, () => {
    const verdict = judgeOne(rule, signatures === undefined ? {} : { signatures });
    assert.equal(verdict.outcome, outcome);
    if (sentence !== undefined) assert.match(verdict.sentence, sentence);
  });
}

test('a rule about signatures tells whom it rests on', () => {
  const { facts } = judgeOne(ruleOf(1, 'release'), { signatures: { release: by('k2', 'k1', 'k2') } });
  assert.deepEqual(facts, [{ kind: 'signature', signer: 'release', verified: true, by: ['k1', 'k2'] }]);
});
