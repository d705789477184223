import assert from 'node:assert/strict';
import test, { describe } from 'node:test';
import { podSubject, ruleResult } from '../../../testing/admission/rule-result.ts';
import { parseDigest } from '../../oci/digest.ts';
import type { ResourceSubject } from '../../policy/resource/model.ts';
import type { ImageResult } from '../../policy/resource/policy.ts';
import type { RuleResult } from '../../policy/resource/verdict.ts';
import { reportLimits } from './limits.ts';
import type { ReportOutcome, ReportTarget } from './model.ts';
import { reportOf, resultsOf } from './report-of.ts';
import { reportResults } from './report-results.ts';
import { reportTargetOf } from './report-target.ts';
import { reportTypes } from './report-types.ts';

const now = Date.UTC(2026, 0, 1, 0, 0, 0, 999);
const target: ReportTarget = { apiVersion: 'v1', kind: 'Pod', namespace: 'default', name: 'web', uid: 'uid-1' };
const [policyReports, openReports] = reportTypes;

describe('reportResults()', () => {
  const cases: readonly (readonly [result: Partial<RuleResult>, expected: ReportOutcome])[] = [
    [{ outcome: 'passed' }, 'pass'],
    [{ outcome: 'failed', action: 'deny', denies: true }, 'fail'],
    [{ outcome: 'failed', action: 'audit' }, 'fail'],
    [{ outcome: 'failed', action: 'warn' }, 'warn'],
    [{ outcome: 'undecided' }, 'error'],
    [{ outcome: 'undecided', action: 'warn' }, 'error'],
    [{ outcome: 'skipped' }, 'skip'],
  ];
  for (const [result, expected] of cases) {
    test(`${result.outcome} ${result.action ?? ''} is ${expected}`, () => {
      const [told] = reportResults(target, [ruleResult('signed', result)], { now });
      assert.deepEqual([told?.result, told?.scored], [expected, expected !== 'warn']);
    });
  }

  test('tells images by their digests, what a policy says of itself, and when', () => {
    const digest = parseDigest(`sha256:${'a'.repeat(64)}`);
    const image: ImageResult = {
      image: { group: 'containers', name: 'app', image: 'app:1', pointer: '/spec/containers/0/image' },
      name: 'ghcr.io/org/app:1',
      outcome: 'passed',
      message: '',
      digest,
    };
    const describe = (): { readonly severity: 'high'; readonly category: string } => ({
      severity: 'high',
      category: 'Supply chain',
    });
    const result = ruleResult('signed', { outcome: 'passed', images: [image, image] });
    assert.deepEqual(reportResults(target, [result], { now, describe }), [
      {
        source: 'seaworthy',
        policy: 'signed',
        rule: 'check',
        result: 'pass',
        scored: true,
        severity: 'high',
        category: 'Supply chain',
        timestamp: { seconds: now / 1000 - 0.999, nanos: 0 },
        properties: { images: `ghcr.io/org/app:1@${digest}` },
      },
    ]);
    const many = Array.from({ length: 100 }, (_, at) => ({ ...image, name: `ghcr.io/org/app${at}` }));
    const [told] = reportResults(target, [ruleResult('signed', { images: many })], { now });
    assert.match(told?.properties?.['images'] ?? '', /a, …$/);
    assert.ok((told?.properties?.['images'] ?? '').length <= reportLimits.images + 3);
  });

  test('tells no more of a message than it may, nothing that is a credential, and nothing of what a Secret holds', () => {
    const message = `asked\nhttps://user:hunter2@registry.example/v2 with Bearer abcdefghijkl ${'x'.repeat(5000)}`;
    const [told] = reportResults(target, [ruleResult('signed', { message })], { now });
    assert.equal(told?.message?.length, reportLimits.message);
    assert.doesNotMatch(told?.message ?? '', /hunter2|abcdefghijkl|\n/);
    const secret = { ...target, kind: 'Secret' };
    const [hidden] = reportResults(secret, [ruleResult('signed', { message: 'password is hunter2' })], { now });
    assert.equal(hidden?.message, undefined);
  });
});

describe('reportOf()', () => {
  const results = reportResults(target, [ruleResult('b'), ruleResult('a', { outcome: 'passed' })], { now });

  test('is about one object, and goes with it', () => {
    const report = reportOf(target, results, policyReports?.namespaced ?? assert.fail());
    assert.deepEqual(
      { ...report, results: results.length },
      {
        apiVersion: 'wgpolicyk8s.io/v1alpha2',
        kind: 'PolicyReport',
        metadata: {
          name: 'uid-1',
          namespace: 'default',
          labels: { 'app.kubernetes.io/managed-by': 'seaworthy' },
          ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'web', uid: 'uid-1' }],
        },
        scope: { apiVersion: 'v1', kind: 'Pod', namespace: 'default', name: 'web', uid: 'uid-1' },
        results: 2,
        summary: { pass: 1, fail: 1, warn: 0, error: 0, skip: 0 },
      },
    );
    assert.deepEqual(
      resultsOf(report).map(({ policy }) => policy),
      ['a', 'b'],
    );
  });

  test('is a report of the cluster for what is in no namespace, and says where it is from in the newer kind', () => {
    const node = { ...target, kind: 'Node', namespace: '' };
    const report = reportOf(node, results, openReports?.cluster ?? assert.fail());
    assert.equal(report.apiVersion, 'openreports.io/v1alpha1');
    assert.deepEqual(
      [report.kind, report['source'], report.metadata.namespace],
      ['ClusterReport', 'seaworthy', undefined],
    );
  });

  test('tells the worst of too many, and fits into etcd', () => {
    const images = Array.from({ length: 100 }, (_, at) => ({
      image: { group: 'containers', name: 'a', image: 'a', pointer: '/a' },
      name: `ghcr.io/org/app${at}`,
      outcome: 'passed',
      message: '',
    })) satisfies ImageResult[];
    const many = Array.from({ length: 2 * reportLimits.results }, (_, at) =>
      ruleResult(`policy${at}`, {
        outcome: at % 2 === 0 ? 'passed' : 'failed',
        message: '\u{4e00}'.repeat(5000),
        images,
      }),
    );
    const report = reportOf(target, reportResults(target, many, { now }), policyReports?.namespaced ?? assert.fail());
    assert.deepEqual(report['summary'], { pass: 0, fail: reportLimits.results, warn: 0, error: 0, skip: 0 });
    assert.ok(Buffer.byteLength(JSON.stringify(report)) < 1_400_000);
  });
});

describe('reportTargetOf()', () => {
  const cases: readonly (readonly [what: string, subject: ResourceSubject, expected: boolean])[] = [
    ['an object', podSubject(), true],
    ['its ephemeral containers', podSubject({}, { subresource: 'ephemeralcontainers' }), true],
    ['the options of a connection', podSubject({}, { subresource: 'exec' }), false],
    ['what has no uid', podSubject({ uid: '' }), false],
    ['what has no name', podSubject({ name: '' }), false],
    ['a uid that is no name', podSubject({ uid: '../x' }), false],
    ['a uid in capitals', podSubject({ uid: 'UID' }), false],
    ['an object without metadata', { ...podSubject(), object: {} }, false],
  ];
  for (const [what, subject, expected] of cases) {
    test(what, () => assert.equal(reportTargetOf(subject) !== undefined, expected));
  }
});
