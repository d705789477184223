import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDigest } from '../oci/digest.ts';
import { type PlatformVerdict, verdictOfIndex } from './index-verdict.ts';
import type { Decision, Verdict } from './verdict.ts';

function verdictOf(decision: Decision, parts: Partial<Verdict> = {}): Verdict {
  const message = decision === 'allow' ? '' : `it is ${decision}`;
  return {
    decision,
    rules: [],
    message,
    warnings: [],
    exceptions: [],
    opened: [],
    pin: false,
    pending: [],
    policyHash: 'h',
    ...parts,
  };
}

function platformOf(digit: string, verdict: Verdict): PlatformVerdict {
  return { platform: `linux/${digit}`, digest: parseDigest(`sha256:${digit.repeat(64)}`), verdict };
}

test('verdictOfIndex() is as strict as the worst of the platforms that were asked for', () => {
  const cases: readonly (readonly [given: readonly Decision[], decision: Decision])[] = [
    [['allow'], 'allow'],
    [['allow', 'allow'], 'allow'],
    [['allow', 'deny'], 'deny'],
    [['undecided', 'deny', 'allow'], 'deny'],
    [['allow', 'undecided'], 'undecided'],
    [[], 'undecided'],
  ];
  for (const [given, decision] of cases) {
    const platforms = given.map((each, index) => platformOf(String(index), verdictOf(each)));
    assert.equal(verdictOfIndex(platforms, 'h').decision, decision, given.join());
  }
});

test('verdictOfIndex() joins what its platforms say, in whatever order they are given', () => {
  const exception = { name: 'e', owner: 'o', reason: 'r', until: 5 };
  const platforms = [
    platformOf('b', verdictOf('deny', { validUntil: 9, warnings: ['w'], pending: ['sbom'] })),
    platformOf('a', verdictOf('deny', { validUntil: 5, warnings: ['w', 'v'], exceptions: [exception], opened: ['x'] })),
    platformOf('c', verdictOf('allow', { exceptions: [exception], pending: ['vulnerabilities'] })),
  ];
  const verdict = verdictOfIndex(platforms, 'h');
  assert.deepEqual(verdictOfIndex(platforms.toReversed(), 'h'), verdict);
  const { platforms: ordered, ...rest } = verdict;
  assert.deepEqual(
    ordered.map(({ platform }) => platform),
    ['linux/a', 'linux/b', 'linux/c'],
  );
  assert.deepEqual(rest, {
    decision: 'deny',
    message: 'linux/a: it is deny\nlinux/b: it is deny',
    pin: false,
    warnings: ['v', 'w'],
    exceptions: [exception],
    opened: ['x'],
    pending: ['vulnerabilities', 'sbom'],
    validUntil: 5,
    policyHash: 'h',
  });
});

test('verdictOfIndex() of no platform says so', () => {
  assert.match(verdictOfIndex([], 'h').message, /None of its platforms/);
});
