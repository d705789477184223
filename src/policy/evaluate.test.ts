import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  day,
  known,
  makeEvidence,
  makeFinding,
  makePolicy,
  makeScan,
  makeSubject,
  testNow,
} from '../../testing/policy/make-evidence.ts';
import { compilePolicy } from './compile.ts';
import { evaluate } from './evaluate.ts';
import type { Evidence } from './evidence.ts';
import type { Policy, PolicyException, Rule } from './model.ts';
import type { Verdict } from './verdict.ts';

const noCritical: Rule = { kind: 'vulnerabilities', name: 'no-critical', action: 'deny', severity: 'CRITICAL' };
const signed: Rule = { kind: 'signatures', name: 'signed', action: 'deny', signers: ['release'], atLeast: 1 };
const critical = { vulnerabilities: makeScan([makeFinding()]) };

function judge(policy: Policy, evidence: Evidence): Verdict {
  return evaluate(compilePolicy(policy), evidence);
}

test('evaluate() denies with the rule, the flaw, its fix and the way to an exception', () => {
  const policy = makePolicy([{ ...noCritical, help: 'Rebuild on a newer base' }], { exceptionHelp: 'ask #security' });
  const verdict = judge(policy, makeEvidence(critical));
  assert.equal(verdict.decision, 'deny');
  assert.equal(
    verdict.message,
    `team/app@sha256:${'a'.repeat(64)} is denied. Rule "no-critical" is broken: CVE-2026-1000 in openssl 3.0.1 ` +
      '(CRITICAL according to debian; fixed in 3.0.9). Rebuild on a newer base. For an exception: ask #security.',
  );
  const [rule] = verdict.rules;
  assert.deepEqual([rule?.outcome, rule?.total], ['violated', 1]);
  const [fact] = rule?.facts ?? [];
  assert.ok(fact?.kind === 'vulnerability');
  assert.deepEqual([fact.id, fact.fixedVersions, fact.package.name], ['CVE-2026-1000', ['3.0.9'], 'openssl']);
});

test('evaluate() tells what mends a flaw of no image that could not be looked at', () => {
  const policy = makePolicy([{ ...noCritical, help: 'Rebuild on a newer base' }], { exceptionHelp: 'ask #security' });
  for (const state of [{ state: 'pending' }, { state: 'unavailable', reason: 'it is down' }] as const) {
    const { decision, message } = judge(policy, makeEvidence({ vulnerabilities: state }));
    assert.equal(decision, 'undecided');
    assert.match(message, /cannot be decided: its scan report [^.]*\. For an exception: ask #security\.$/);
  }
});

test("evaluate() tells the policy's own words whole", () => {
  const exceptionHelp = `ask at https://git.example.com/${'x'.repeat(1000)}!`;
  assert.ok(judge(makePolicy([noCritical], { exceptionHelp }), makeEvidence(critical)).message.endsWith(exceptionHelp));
});

test('evaluate() tells a long list in part, and counts all of it', () => {
  const findings = Array.from({ length: 150 }, (_, index) => makeFinding({ id: `CVE-2026-${2000 + index}` }));
  const [rule] = judge(makePolicy([noCritical]), makeEvidence({ vulnerabilities: makeScan(findings) })).rules;
  assert.deepEqual([rule?.facts.length, rule?.total], [100, 150]);
  assert.match(rule?.sentence ?? '', /CVE-2026-2009 in .*, and 140 more\.$/);
});

const decisions: readonly (readonly [
  what: string,
  policy: Policy,
  evidence: Partial<Evidence>,
  expected: Partial<Verdict>,
])[] = [
  ['allows what no rule covers', makePolicy([]), {}, { decision: 'allow', rules: [], message: '' }],
  [
    'never takes what was not gathered for nothing',
    makePolicy([noCritical]),
    {},
    { decision: 'undecided', pending: [] },
  ],
  [
    'says what is pending',
    makePolicy([noCritical]),
    { vulnerabilities: { state: 'pending' } },
    { decision: 'undecided', pending: ['vulnerabilities'] },
  ],
  [
    'is undecided where something could not be looked at',
    makePolicy([noCritical]),
    { vulnerabilities: { state: 'unavailable', reason: 'timeout' } },
    { decision: 'undecided', pending: [], opened: [] },
  ],
  [
    'opens by the choice of the policy, and says so',
    makePolicy([noCritical], { unknown: 'allow' }),
    { vulnerabilities: { state: 'pending' } },
    { decision: 'allow', pending: ['vulnerabilities'], opened: ['no-critical'] },
  ],
  [
    'opens by the choice of a rule',
    makePolicy([{ ...noCritical, unknown: 'allow' }, signed]),
    { vulnerabilities: { state: 'pending' }, signatures: { release: known({ verified: true, by: ['k'] }) } },
    { decision: 'allow', opened: ['no-critical'] },
  ],
  [
    'opens for what was read in part by the choice of a rule, and says so',
    makePolicy([{ ...noCritical, incomplete: 'allow' }]),
    {
      vulnerabilities: makeScan([], {
        incomplete: [{ code: 'LAYER_UNREADABLE', subject: 'sha256:a', message: 'It is damaged', incomplete: true }],
      }),
    },
    { decision: 'allow', opened: ['no-critical'], message: '' },
  ],
  [
    'closes by the choice of a rule',
    makePolicy([{ ...noCritical, unknown: 'deny' }], { unknown: 'allow' }),
    { vulnerabilities: { state: 'pending' } },
    { decision: 'undecided', opened: [] },
  ],
  [
    'opens for nothing that is known to be broken',
    makePolicy([noCritical], { unknown: 'allow' }),
    critical,
    { decision: 'deny', opened: [] },
  ],
  [
    'denies as soon as one rule is broken, whatever is pending',
    makePolicy([noCritical, signed]),
    { ...critical, signatures: { release: { state: 'pending' } } },
    { decision: 'deny', pending: ['signatures'] },
  ],
  [
    'warns and allows',
    makePolicy([{ ...noCritical, action: 'warn' }]),
    critical,
    {
      decision: 'allow',
      warnings: [
        'Rule "no-critical" is broken: CVE-2026-1000 in openssl 3.0.1 (CRITICAL according to debian; fixed in 3.0.9).',
      ],
    },
  ],
  [
    'audits without a word',
    makePolicy([{ ...noCritical, action: 'audit' }]),
    critical,
    { decision: 'allow', warnings: [] },
  ],
  [
    'asks nothing but its source of an artifact',
    makePolicy([noCritical, signed]),
    { subject: makeSubject({ kind: 'artifact' }) },
    { decision: 'allow' },
  ],
];

for (const [what, policy, evidence, expected] of decisions) {
  test(`evaluate() ${what}`, () => {
    const verdict = judge(policy, makeEvidence(evidence));
    for (const [name, value] of Object.entries(expected)) assert.deepEqual(verdict[name as keyof Verdict], value, name);
  });
}

const exception: PolicyException = {
  name: 'openssl-legacy',
  owner: 'team-a',
  reason: 'moves next month',
  until: testNow + 30 * day,
  ids: ['CVE-2026-1000'],
};

const exceptions: readonly (readonly [what: string, exception: PolicyException, covers: boolean])[] = [
  ['its id', exception, true],
  ['an alias, in whatever case', { ...exception, ids: ['ghsa-AAAA-bbbb-cccc'] }, true],
  ['the id of an announcement of several', { ...exception, ids: ['DSA-1000-1'] }, false],
  ['another id', { ...exception, ids: ['CVE-2026-1001'] }, false],
  ['the rule', { ...exception, ids: undefined as never, rules: ['no-critical'] }, true],
  ['another rule', { ...exception, rules: ['signed'] }, false],
  ['rule and id', { ...exception, rules: ['no-critical'] }, true],
  ['the package', { ...exception, packages: ['open*'] }, true],
  ['another package', { ...exception, packages: ['curl'] }, false],
  ['the repository', { ...exception, repositories: ['team/*'] }, true],
  ['another repository', { ...exception, repositories: ['other/*'] }, false],
  ['the source', { ...exception, sources: ['registry.example.com/**'] }, true],
  ['another source', { ...exception, sources: ['docker.io/**'] }, false],
  ['the digest', { ...exception, digests: [makeSubject().digest] }, true],
  ['another digest', { ...exception, digests: [`sha256:${'b'.repeat(64)}` as never] }, false],
  ['one that ends now', { ...exception, until: testNow }, false],
];

for (const [what, given, covers] of exceptions) {
  test(`evaluate() applies an exception by ${what}`, () => {
    const policy = makePolicy([noCritical, { ...signed, action: 'audit' }], { exceptions: [given] });
    const verdict = judge(policy, makeEvidence(critical));
    assert.equal(verdict.decision, covers ? 'allow' : 'deny');
    assert.deepEqual(
      verdict.exceptions.map(({ name, owner }) => [name, owner]),
      covers ? [[given.name, 'team-a']] : [],
    );
    assert.equal(verdict.validUntil, covers ? given.until : undefined);
  });
}
