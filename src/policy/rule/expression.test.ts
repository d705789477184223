import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  day,
  judgeOne,
  known,
  makeEvidence,
  makeFinding,
  makePolicy,
  makeScan,
  makeSubject,
  testNow,
} from '../../../testing/policy/make-evidence.ts';
import { compilePolicy } from '../compile.ts';
import { evaluate } from '../evaluate.ts';
import type { Evidence, VerifiedAttestation } from '../evidence.ts';
import type { ExpressionRule, NamedStatement } from '../model.ts';
import { requirementsOf } from '../requirements.ts';
import type { Outcome } from '../verdict.ts';

const predicateType = 'https://slsa.dev/provenance/v1';
const built: NamedStatement = { predicateType, signers: ['ci'], atLeast: 1 };

function ruleOf(condition: ExpressionRule['condition'], parts: Partial<ExpressionRule> = {}): ExpressionRule {
  return { kind: 'expression', name: 'e', action: 'deny', condition, statements: { built, other: built }, ...parts };
}

function statement(id: string, parts: Partial<VerifiedAttestation> = {}): VerifiedAttestation {
  return { predicate: { builder: { id } }, by: 'k1', signedAt: testNow - day, ...parts };
}

const evidence: Partial<Evidence> = {
  image: known({ created: testNow - 10 * day, user: 'app', labels: { team: 'a' } }),
  vulnerabilities: makeScan([makeFinding({ epss: { score: 0.5, percentile: 0.9 } as never })]),
  signatures: {
    release: known({ verified: true, by: ['k2', 'k1'] }),
    ci: { state: 'absent', at: testNow },
    security: { state: 'pending' },
  },
  attestations: { [predicateType]: { ci: known({ verified: [statement('https://good')] }) } },
  sbom: { state: 'absent', at: testNow },
};

const cases: readonly (readonly [condition: string, outcome: Outcome, sentence?: RegExp])[] = [
  ['image.user == "app" && image.labels.team == "a"', 'passed'],
  ['now - image.created < duration("241h")', 'passed'],
  ['now - image.created < duration("1h")', 'violated', /its condition is not met: now - image\.created/],
  ['subject.repository.startsWith("team/") && subject.platform.os == "linux" && "1.4" in subject.tags', 'passed'],
  ['vulnerabilities.findings.all(f, f.severity != "CRITICAL")', 'violated'],
  ['vulnerabilities.findings.exists(f, f.epss > 0.4 && f.package.name == "openssl" && !f.exploited)', 'passed'],
  ['now - vulnerabilities.databaseBuiltAt < duration("48h") && vulnerabilities.scannedAt < now', 'passed'],
  ['signatures.release.verified && signatures.release.by == ["k1", "k2"]', 'passed'],
  ['signatures.ci.verified', 'violated'],
  ['signatures.ci.why.contains("no signature")', 'passed'],
  ['signatures.security.verified', 'undecided', /signature of security is still being looked for/],
  ['signatures.security.verified || image.user == "app"', 'passed'],
  ['signatures.security.verified && image.user == "root"', 'violated'],
  ['signatures.security.verified && image.user == "app"', 'undecided'],
  ['signatures.exists(name, signatures[name].verified)', 'passed'],
  ['signatures.all(name, signatures[name].verified)', 'violated'],
  ['signatures.filter(name, signatures[name].verified).size() == 1', 'undecided'],
  ['attestations.built.exists(s, s.predicate.builder.id == "https://good" && s.signedAt < now)', 'passed'],
  ['attestations.built[0].predicate.absent == 1', 'violated', /has no answer: No such key: absent/],
  ['sbom.size() == 0', 'passed'],
  ['has(image.created) && !has(subject.missing)', 'passed'],
  ['image.healthcheck', 'violated', /No such key: healthcheck/],
];

for (const [cel, outcome, sentence] of cases) {
  test(`an expression is ${outcome}: ${cel}`, () => {
    const verdict = judgeOne(ruleOf({ cel }), evidence);
    assert.equal(verdict.outcome, outcome, verdict.sentence);
    if (sentence !== undefined) assert.match(verdict.sentence, sentence);
  });
}

const unread = { code: 'LAYER_UNREADABLE', subject: 'sha256:a', message: 'It is damaged', incomplete: true } as const;
const hidden = makeScan([], { incomplete: [unread] });
const stale = makeScan([], { databaseWholeAt: testNow - 3 * day });
const unlisted = makeScan([makeFinding()], { lacking: ['exploited', 'epss'] });

const gaps: readonly (readonly [cel: string, scan: Evidence['vulnerabilities'], Outcome, sentence?: RegExp])[] = [
  [
    'vulnerabilities.findings.filter(f, f.severity == "HIGH").size() <= 5',
    hidden,
    'undecided',
    /its packages could not all be read \(sha256:a: It is damaged\)/,
  ],
  ['[vulnerabilities].all(v, v.findings.size() == 0)', hidden, 'undecided'],
  ['vulnerabilities.findings.size() == 0 || image.user == "app"', hidden, 'passed'],
  ['vulnerabilities.findings.size() > 0', hidden, 'violated'],
  ['vulnerabilities.findings.size() == 0 && vulnerabilities.incomplete.size() == 0', hidden, 'violated'],
  ['vulnerabilities.findings.size() == 0 && vulnerabilities.incomplete.size() <= 1', hidden, 'passed'],
  ['!has(vulnerabilities.distribution)', hidden, 'undecided'],
  ['!vulnerabilities.?distribution.hasValue() || vulnerabilities.distribution.name != "x"', hidden, 'undecided'],
  ['now - vulnerabilities.databaseBuiltAt < duration("48h")', hidden, 'passed'],
  ['vulnerabilities.databaseWholeAt == vulnerabilities.databaseBuiltAt', hidden, 'passed'],
  ['now - vulnerabilities.databaseWholeAt < duration("48h")', stale, 'violated'],
  ['now - vulnerabilities.databaseBuiltAt < duration("48h")', stale, 'passed'],
  ['vulnerabilities.findings.all(f, !f.exploited)', unlisted, 'undecided', /has no list of exploited flaws \(KEV\)/],
  ['vulnerabilities.findings.all(f, !has(f.epss) || f.epss < 0.5)', unlisted, 'undecided', /no scores of exploits/],
  ['vulnerabilities.findings.all(f, !has(f.epss))', unlisted, 'undecided'],
  ['vulnerabilities.findings.all(f, f.severity == "LOW" || !f.exploited)', unlisted, 'undecided'],
  ['vulnerabilities.findings.all(f, f.severity != "LOW" || !f.exploited)', unlisted, 'passed'],
  ['vulnerabilities.findings.all(f, f.severity != "CRITICAL" && !f.exploited)', unlisted, 'violated'],
  ['vulnerabilities.findings.all(f, !f.exploited)', makeScan([], { lacking: ['exploited'] }), 'passed'],
  ['vulnerabilities.findings.all(f, !f.exploited)', makeScan([makeFinding()], { lacking: ['epss'] }), 'passed'],
];

for (const [cel, vulnerabilities, outcome, sentence] of gaps) {
  test(`an expression over a scan that leaves something open is ${outcome}: ${cel}`, () => {
    const verdict = judgeOne(ruleOf({ cel }), { ...evidence, vulnerabilities: vulnerabilities as never });
    assert.equal(verdict.outcome, outcome, verdict.sentence);
    if (sentence !== undefined) assert.match(verdict.sentence, sentence);
  });
}

test('an expression over a scan that leaves several things open tells them in one order', () => {
  const other = { ...unread, subject: 'sha256:b' };
  const [one, same] = [
    [unread, other],
    [other, unread],
  ].map((incomplete) =>
    judgeOne(ruleOf({ cel: 'vulnerabilities.findings.size() == 0' }), {
      ...evidence,
      vulnerabilities: makeScan([], { incomplete }),
    }),
  );
  assert.match(one?.sentence ?? '', /sha256:a.*sha256:b/);
  assert.equal(same?.sentence, one?.sentence);
});

const equal = (key: string, value: string) =>
  ({ kyverno: [{ all: [{ key, operator: 'Equals', value }] }], exact: false }) as const;

test('an expression of Kyverno uses statements by their names, and what surrounds the image', () => {
  const judge = (condition: ExpressionRule['condition'], more: Partial<Evidence> = {}): Outcome =>
    judgeOne(ruleOf(condition, { statements: { built } }), { ...evidence, ...more }).outcome;
  assert.equal(judge(equal('{{ built.builder.id }}', 'https://good')), 'passed');
  assert.equal(judge(equal('{{ built.builder.id }}', 'https://evil')), 'violated');
  const context = { request: { namespace: 'prod' } };
  assert.equal(judge(equal('{{ request.namespace }}', 'prod'), { context }), 'passed');
  assert.equal(judge(equal('{{ request.namespace }}', 'dev'), { context }), 'violated');
  // Whichever of several a condition meets, another one breaks.
  const both = known({ verified: [statement('https://good'), statement('https://evil')] });
  const attestations = { [predicateType]: { ci: both } };
  assert.equal(judge(equal('{{ built.builder.id }}', 'https://good'), { attestations }), 'violated');
  assert.equal(judge(equal('{{ built.builder.id }}', 'https://good'), { attestations: {} }), 'undecided');
  const none = { [predicateType]: { ci: known({ verified: [] }) } };
  assert.equal(judge(equal('{{ built.builder.id }}', 'https://good'), { attestations: none }), 'violated');
});

test('an expression of Kyverno does not try more ways than it may', () => {
  const many = known({ verified: Array.from({ length: 11 }, (_, at) => statement(`https://${at}`)) });
  const verdict = judgeOne(ruleOf({ kyverno: [], exact: false }), { attestations: { [predicateType]: { ci: many } } });
  assert.equal(verdict.outcome, 'violated');
  assert.match(verdict.sentence, /There are 121 ways .* no more than 100/);
});

test('a named statement counts only where enough signers made it', () => {
  const two = { predicateType, signers: ['ci', 'release'], atLeast: 2 };
  const cel = 'attestations.built.size() == 2';
  const judge = (release: VerifiedAttestation[]): Outcome =>
    judgeOne(ruleOf({ cel }, { statements: { built: two } }), {
      attestations: {
        [predicateType]: { ci: known({ verified: [statement('a')] }), release: known({ verified: release }) },
      },
    }).outcome;
  assert.equal(judge([statement('b', { by: 'k2' })]), 'passed');
  assert.equal(judge([statement('b', { by: 'k1' })]), 'violated');
  assert.equal(judge([]), 'violated');
});

test("an expression tells the policy's own message", () => {
  const message = 'ask the platform team for a builder';
  assert.match(judgeOne(ruleOf({ cel: 'image.user == "x"' }, { message }), evidence).sentence, /is broken: ask the/);
  const { sentence } = judgeOne(ruleOf({ cel: 'image.x == 1' }, { message }), evidence);
  assert.match(sentence, /builder \(The condition has no answer: No such key: x\)/);
});

test('what is not there breaks an expression that asks for it', () => {
  const absent = { state: 'absent', at: testNow } as const;
  const verdict = judgeOne(ruleOf({ cel: 'image.user == ""' }), { image: absent });
  assert.equal(verdict.outcome, 'violated');
  assert.match(verdict.sentence, /The image has no config/);
  assert.equal(judgeOne(ruleOf({ cel: 'vulnerabilities.findings.size() == 0' }), {}).outcome, 'undecided');
});

test('an expression that asks what time it is gives the same within a minute', () => {
  const compiled = compilePolicy(makePolicy([ruleOf({ cel: 'now < timestamp("2026-06-01T00:01:00Z")' })]));
  const verdict = evaluate(compiled, makeEvidence());
  assert.equal(verdict.decision, 'allow');
  assert.equal(verdict.validUntil, testNow + 60_000);
  assert.equal(evaluate(compiled, makeEvidence({ now: testNow + 59_999 })).decision, 'allow');
  assert.equal(evaluate(compiled, makeEvidence({ now: testNow + 60_000 })).decision, 'deny');
  const timeless = evaluate(compilePolicy(makePolicy([ruleOf({ cel: 'true' })])), makeEvidence());
  assert.equal(timeless.validUntil, undefined);
});

test('requirementsOf() names what an expression uses, and no more', () => {
  const needs = (condition: ExpressionRule['condition']): object => {
    const { kinds, signers, attestations } = requirementsOf(
      compilePolicy(makePolicy([ruleOf(condition)])),
      makeSubject(),
    );
    return { kinds: [...kinds], signers, attestations };
  };
  assert.deepEqual(needs({ cel: 'subject.named == "digest"' }), { kinds: [], signers: [], attestations: [] });
  assert.deepEqual(needs({ cel: 'signatures.release.verified && vulnerabilities.findings.size() == 0' }), {
    kinds: ['vulnerabilities', 'signatures'],
    signers: ['release'],
    attestations: [],
  });
  assert.deepEqual(needs({ cel: 'signatures.all(s, signatures[s].verified)' }), {
    kinds: ['signatures'],
    signers: ['ci', 'release', 'security'],
    attestations: [],
  });
  const stated = { kinds: ['attestations'], signers: [], attestations: [{ predicateType, signers: ['ci'] }] };
  assert.deepEqual(needs({ cel: 'attestations.built.size() > 0' }), stated);
  assert.deepEqual(needs(equal('{{ built.x }}', 'y')), stated);
});

test('an expression cannot name a signer or a statement that there is not', () => {
  for (const [cel, message] of [
    ['signatures.relase.verified', /asks for the signer "relase", .* did you mean release\?/],
    ['attestations.buitl.size() > 0', /asks for the statement "buitl", .* did you mean built\?/],
    ['image.user = 1', /cannot be used: The condition cannot be read/],
  ] as const) {
    assert.throws(() => compilePolicy(makePolicy([ruleOf({ cel })])), { code: 'POLICY_INVALID', message }, cel);
  }
});
