import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { evidence, exception, finding, policy, rule } from '../../testing/policy/arbitrary.ts';
import { day, makePolicy } from '../../testing/policy/make-evidence.ts';
import { compilePolicy } from './compile.ts';
import { evaluate } from './evaluate.ts';
import type { Evidence } from './evidence.ts';
import type { Policy } from './model.ts';
import { requirementsOf } from './requirements.ts';
import type { Decision, Verdict } from './verdict.ts';

const runs = { numRuns: 400 };

function judge(given: Policy, about: Evidence): Verdict {
  return evaluate(compilePolicy(given), about);
}

/** The same in another order, all the way down. */
function shuffled(value: unknown, seed: number): unknown {
  if (Array.isArray(value)) {
    const items = value.map((item) => shuffled(item, seed));
    return items.length === 0
      ? items
      : [...items.slice(seed % items.length), ...items.slice(0, seed % items.length)].reverse();
  }
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).map(([name, member]) => [name, shuffled(member, seed)] as const);
  return Object.fromEntries(members.toReversed());
}

/** Lists in which the finding's own contract gives an order stay as they are. */
function reordered(about: Evidence, seed: number): Evidence {
  const other = shuffled(about, seed) as Evidence;
  if (about.vulnerabilities?.state !== 'known' || other.vulnerabilities?.state !== 'known') return other;
  const fixes = new Map(
    about.vulnerabilities.value.findings.map((each) => [[...each.fixedVersions].sort().join(), each.fixedVersions]),
  );
  const findings = other.vulnerabilities.value.findings.map((each) => ({
    ...each,
    fixedVersions: fixes.get([...each.fixedVersions].sort().join()) ?? [],
  }));
  return {
    ...other,
    vulnerabilities: { ...other.vulnerabilities, value: { ...other.vulnerabilities.value, findings } },
  };
}

test('a verdict does not hang on the order of any list or member', () => {
  fc.assert(
    fc.property(policy, evidence, fc.nat(5), (given, about, seed) => {
      assert.deepEqual(judge(shuffled(given, seed) as Policy, reordered(about, seed)), judge(given, about));
    }),
    runs,
  );
});

test('a verdict is the same at any time before its end', () => {
  let ended = 0;
  fc.assert(
    fc.property(policy, evidence, fc.double({ min: 0, max: 1, noNaN: true }), (given, about, part) => {
      const compiled = compilePolicy(given);
      const verdict = evaluate(compiled, about);
      const end = verdict.validUntil ?? about.now + 1000 * day;
      assert.ok(end > about.now);
      const later = Math.min(end - 1, Math.floor(about.now + part * (end - about.now)));
      assert.deepEqual(evaluate(compiled, { ...about, now: later }), verdict);
      if (verdict.validUntil === undefined) return;
      const after = evaluate(compiled, { ...about, now: end });
      assert.notEqual(after.validUntil, end);
      if (after.decision !== verdict.decision) ended += 1;
    }),
    { numRuns: 1000 },
  );
  assert.ok(ended > 10, `only ${ended} verdicts became others`);
});

test('an exception that ended is none', () => {
  fc.assert(
    fc.property(policy, exception, evidence, (given, extra, about) => {
      const others = given.exceptions.filter(({ name }) => name !== extra.name);
      const rules = extra.rules?.filter((name) => given.rules.some((each) => each.name === name));
      const over = { ...extra, ...(rules === undefined ? {} : { rules }), until: about.now };
      const { decision, rules: left, exceptions } = judge({ ...given, exceptions: [...others, over] }, about);
      const without = judge({ ...given, exceptions: others }, about);
      assert.deepEqual(
        [decision, exceptions, left.map(({ outcome, facts }) => [outcome, facts])],
        [without.decision, without.exceptions, without.rules.map(({ outcome, facts }) => [outcome, facts])],
      );
    }),
    runs,
  );
});

/** How much passes: more is laxer. */
const laxity: Readonly<Record<Decision, number>> = { deny: 0, undecided: 1, allow: 2 };

test('another finding never makes a verdict laxer', () => {
  fc.assert(
    fc.property(policy, evidence, finding, (given, about, extra) => {
      const { vulnerabilities } = about;
      if (vulnerabilities?.state !== 'known') return;
      const findings = [...vulnerabilities.value.findings, extra];
      const worse = {
        ...about,
        vulnerabilities: { ...vulnerabilities, value: { ...vulnerabilities.value, findings } },
      };
      const compiled = compilePolicy(given);
      assert.ok(laxity[evaluate(compiled, worse).decision] <= laxity[evaluate(compiled, about).decision]);
    }),
    runs,
  );
});

test('another rule never makes a verdict laxer, and another exception never stricter', () => {
  fc.assert(
    fc.property(policy, rule, exception, evidence, (given, extraRule, extra, about) => {
      const before = laxity[judge(given, about).decision];
      const rules = [...given.rules, { ...extraRule, name: 'further' }];
      assert.ok(laxity[judge({ ...given, rules }, about).decision] <= before);
      const { rules: named } = extra;
      const names = named?.filter((name) => given.rules.some((each) => each.name === name));
      const exceptions = [
        ...given.exceptions,
        { ...extra, ...(names === undefined ? {} : { rules: names }), name: 'further' },
      ];
      assert.ok(laxity[judge({ ...given, exceptions }, about).decision] >= before);
    }),
    runs,
  );
});

test('to lose evidence never makes a verdict laxer, where unknown is denied', () => {
  const kinds = ['image', 'firstSeen', 'vulnerabilities', 'sbom', 'signatures', 'attestations'] as const;
  fc.assert(
    fc.property(policy, evidence, fc.constantFrom(...kinds), (given, about, kind) => {
      const rules = given.rules.map((each) => ({ ...each, unknown: 'deny' as const }));
      const closed = makePolicy(rules, { exceptions: given.exceptions });
      const { [kind]: _lost, ...less } = about;
      const before = judge(closed, about).decision;
      const after = judge(closed, less).decision;
      assert.ok(after !== 'allow' || before === 'allow', `${before} became ${after}`);
    }),
    runs,
  );
});

test('what requirementsOf() does not name changes nothing', () => {
  fc.assert(
    fc.property(policy, evidence, (given, about) => {
      const compiled = compilePolicy(given);
      const { kinds } = requirementsOf(compiled, about.subject);
      const gathered = Object.entries(about).filter(
        ([name]) => ['subject', 'now'].includes(name) || kinds.has(name as never),
      );
      assert.deepEqual(
        evaluate(compiled, Object.fromEntries(gathered) as unknown as Evidence),
        evaluate(compiled, about),
      );
    }),
    runs,
  );
});

test('a verdict is plain data that JSON keeps', () => {
  fc.assert(
    fc.property(policy, evidence, (given, about) => {
      const verdict = judge(given, about);
      assert.deepEqual(JSON.parse(JSON.stringify(verdict)), verdict);
    }),
    { numRuns: 100 },
  );
});
