import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  day,
  known,
  makeEvidence,
  makeFinding,
  makePolicy,
  makeScan,
  testNow,
} from '../../testing/policy/make-evidence.ts';
import { compilePolicy } from './compile.ts';
import { evaluate } from './evaluate.ts';
import type { Evidence, FindingFacts } from './evidence.ts';
import type { PolicyException, Rule } from './model.ts';
import type { Decision } from './verdict.ts';

const deny = { name: 'r', action: 'deny' } as const;
const flaws: Rule = { ...deny, kind: 'vulnerabilities' };
const graced: Rule = { ...flaws, grace: { for: 7 * day, since: 'published' } };
const published = (age: number): FindingFacts => makeFinding({ published: new Date(testNow - age).toISOString() });
const exception: PolicyException = { name: 'e', owner: 'o', reason: 'r', until: testNow + 5 * day, rules: ['r'] };
const provenance: Rule = {
  ...deny,
  kind: 'attestation',
  predicateType: 'https://a',
  signers: ['ci'],
  atLeast: 1,
  maxAge: 4 * day,
};

const cases: readonly (readonly [
  what: string,
  rule: Rule,
  exceptions: readonly PolicyException[],
  evidence: Partial<Evidence>,
  /** Days from now; undefined for never. */
  days: number | undefined,
  before: Decision,
  after: Decision,
])[] = [
  ['nothing that ends', flaws, [], { vulnerabilities: makeScan([makeFinding()]) }, undefined, 'deny', 'deny'],
  ['a grace', graced, [], { vulnerabilities: makeScan([published(4 * day)]) }, 3, 'allow', 'deny'],
  [
    'the first of two graces',
    graced,
    [],
    { vulnerabilities: makeScan([published(day), published(5 * day)]) },
    2,
    'allow',
    'deny',
  ],
  ['a grace that is over', graced, [], { vulnerabilities: makeScan([published(8 * day)]) }, undefined, 'deny', 'deny'],
  [
    'a database',
    { ...flaws, maxDatabaseAge: 3 * day },
    [],
    { vulnerabilities: makeScan([], { databaseBuiltAt: testNow - day }) },
    2,
    'allow',
    'undecided',
  ],
  [
    'a feed of a database',
    { ...flaws, maxDatabaseAge: 3 * day },
    [],
    { vulnerabilities: makeScan([], { databaseBuiltAt: testNow, databaseWholeAt: testNow - day }) },
    2,
    'allow',
    'undecided',
  ],
  [
    'the end of a distribution',
    { ...deny, kind: 'endOfLife' },
    [],
    { vulnerabilities: makeScan([], { distribution: { name: 'Debian', supportEnd: testNow + 2 * day } }) },
    2,
    'allow',
    'deny',
  ],
  ['an exception', flaws, [exception], { vulnerabilities: makeScan([makeFinding()]) }, 5, 'allow', 'deny'],
  [
    'an exception that is not needed',
    flaws,
    [exception],
    { vulnerabilities: makeScan([]) },
    undefined,
    'allow',
    'allow',
  ],
  [
    'the longest of several exceptions',
    flaws,
    [
      { ...exception, name: 'a', until: testNow + day },
      exception,
      { ...exception, name: 'z', until: testNow + 2 * day },
    ],
    { vulnerabilities: makeScan([makeFinding()]) },
    5,
    'allow',
    'deny',
  ],
  [
    'the first of the exceptions that are needed',
    flaws,
    [
      { ...exception, name: 'a', rules: undefined as never, ids: ['CVE-2026-1000'] },
      { ...exception, name: 'b', rules: undefined as never, ids: ['CVE-2026-1001'], until: testNow + 3 * day },
    ],
    { vulnerabilities: makeScan([makeFinding({ aliases: [] }), makeFinding({ id: 'CVE-2026-1001', aliases: [] })]) },
    3,
    'allow',
    'deny',
  ],
  [
    'an exception for what is unknown',
    flaws,
    [exception],
    { vulnerabilities: { state: 'pending' } },
    5,
    'allow',
    'undecided',
  ],
  [
    'an age',
    { ...deny, kind: 'age', maxSinceCreated: 10 * day },
    [],
    { image: known({ labels: {}, created: testNow - day }) },
    9,
    'allow',
    'deny',
  ],
  [
    'a day to come',
    { ...deny, kind: 'age', maxSinceCreated: 10 * day },
    [],
    { image: known({ labels: {}, created: testNow + 4 * day }) },
    3,
    'deny',
    'allow',
  ],
  [
    'a quarantine',
    { ...deny, kind: 'age', minSinceFirstSeen: 3 * day },
    [],
    { firstSeen: known(testNow - day) },
    2,
    'deny',
    'allow',
  ],
  [
    'the newest statement that counts',
    provenance,
    [],
    {
      attestations: { 'https://a': { ci: known({ verified: [{ predicate: 1, by: 'k', signedAt: testNow - day }] }) } },
    },
    3,
    'allow',
    'deny',
  ],
];

for (const [what, rule, exceptions, evidence, days, before, after] of cases) {
  test(`a verdict ends with ${what}`, () => {
    const compiled = compilePolicy(makePolicy([rule], { exceptions }));
    const about = makeEvidence(evidence);
    const verdict = evaluate(compiled, about);
    const end = days === undefined ? undefined : testNow + days * day;
    assert.deepEqual([verdict.decision, verdict.validUntil], [before, end]);
    const later = end ?? testNow + 10_000 * day;
    assert.deepEqual(evaluate(compiled, { ...about, now: later - 1 }), verdict);
    assert.equal(evaluate(compiled, { ...about, now: later }).decision, after);
  });
}

test('each flaw has its own exceptions', () => {
  const covered = { ...exception, rules: undefined as never, ids: ['CVE-2026-1000'] };
  const compiled = compilePolicy(makePolicy([flaws], { exceptions: [covered] }));
  const findings = [makeFinding(), makeFinding({ id: 'CVE-2026-1001', aliases: [] })];
  const verdict = evaluate(compiled, makeEvidence({ vulnerabilities: makeScan(findings) }));
  const [rule] = verdict.rules;
  assert.equal(verdict.decision, 'deny');
  assert.deepEqual(
    rule?.facts.map((fact) => fact.kind === 'vulnerability' && fact.id),
    ['CVE-2026-1001'],
  );
  assert.deepEqual(rule?.exceptions, ['e']);
});

test('a verdict names the exceptions that ended and would have counted', () => {
  const over = { ...exception, until: testNow - day };
  const compiled = compilePolicy(
    makePolicy([flaws], { exceptions: [over, { ...over, name: 'f', repositories: ['other'] }] }),
  );
  const { rules, message } = evaluate(compiled, makeEvidence({ vulnerabilities: makeScan([makeFinding()]) }));
  assert.deepEqual(rules[0]?.ended, ['e']);
  assert.match(message, /The exception "e" of o ended on 2026-05-31T00:00:00Z\./);
});
