import assert from 'node:assert/strict';
import test, { describe } from 'node:test';
import { podSubject, ruleResult, verdictOf } from '../../../testing/admission/rule-result.ts';
import type { FakeApiServerOptions } from '../../../testing/kubernetes/fake-api-server.ts';
import { kubernetesLab, type KubernetesLab } from '../../../testing/kubernetes/kubernetes-lab.ts';
import { instantClock } from '../../../testing/registry/instant-clock.ts';
import { silentLogger } from '../../base/logger.ts';
import type { KubernetesObject } from '../../kubernetes/model.ts';
import type { JudgedReview } from '../service/review-judge.ts';
import { reportLimits } from './limits.ts';
import { resultsOf } from './report-of.ts';
import { reportTypes, type ReportTypes } from './report-types.ts';
import { ReportWriter, type ReportWritten } from './report-writer.ts';

interface ReportLab extends KubernetesLab {
  readonly writer: ReportWriter;
  readonly clock: ReturnType<typeof instantClock>;
  readonly outcomes: ReportWritten[];
  readonly warnings: string[];
  readonly policies: Set<string>;
}

const [older, newer] = reportTypes as readonly [ReportTypes, ReportTypes];
const { signal } = new AbortController();

async function reportLab(types: readonly ReportTypes[], options: FakeApiServerOptions = {}): Promise<ReportLab> {
  const lab = await kubernetesLab(options);
  for (const { namespaced, cluster } of types) for (const type of [namespaced, cluster]) lab.api.register(type);
  const clock = instantClock();
  const outcomes: ReportWritten[] = [];
  const warnings: string[] = [];
  const policies = new Set(['a', 'b']);
  const writer = new ReportWriter({
    client: lab.client,
    clock,
    logger: { ...silentLogger, warn: (message) => void warnings.push(message) },
    isPolicy: (id) => policies.has(id),
    observe: (outcome) => void outcomes.push(outcome),
  });
  return { ...lab, writer, clock, outcomes, warnings, policies };
}

function review(more: Partial<JudgedReview> = {}): JudgedReview {
  const verdict = verdictOf(ruleResult('a'), ruleResult('b', { outcome: 'passed' }));
  return { subject: podSubject(), verdict, phase: 'validate', dryRun: false, ...more };
}

async function told(lab: ReportLab, name = 'uid-1', { namespaced } = older): Promise<readonly string[] | undefined> {
  const report = await lab.client.get(namespaced, name, { namespace: 'default' });
  return report === undefined ? undefined : resultsOf(report).map(({ policy, result }) => `${policy} ${result}`);
}

function writes(lab: ReportLab): string[] {
  return lab.api.calls.filter(({ verb }) => ['create', 'update', 'delete'].includes(verb)).map(({ verb }) => verb);
}

describe('ReportWriter', () => {
  test('writes what a review found, and nothing where that is the same', async () => {
    await using lab = await reportLab([older, newer]);
    lab.writer.judged(review());
    assert.equal(await lab.writer.flush(signal), 0);
    assert.deepEqual(await told(lab), ['a fail', 'b pass']);
    lab.clock.skip(60_000);
    lab.writer.judged(review());
    await lab.writer.flush(signal);
    assert.deepEqual(lab.outcomes, ['created', 'unchanged']);
    lab.writer.judged(review({ verdict: verdictOf(ruleResult('a', { outcome: 'passed' })) }));
    await lab.writer.flush(signal);
    assert.deepEqual(await told(lab), ['a pass', 'b pass']);
    assert.deepEqual(writes(lab), ['create', 'update']);
  });

  const silent: readonly (readonly [what: string, review: JudgedReview])[] = [
    ['a trial', review({ dryRun: true })],
    ['a review before the last', review({ phase: 'mutate' })],
    ['a denial', review({ verdict: verdictOf(ruleResult('a', { action: 'deny', denies: true })) })],
    ['a deletion', review({ subject: podSubject({}, { operation: 'DELETE' }) })],
    ['an object without a uid', review({ subject: podSubject({ uid: '' }) })],
    ['an object that no policy is about', review({ verdict: verdictOf() })],
  ];
  for (const [what, judged] of silent) {
    test(`writes nothing of ${what}`, async () => {
      await using lab = await reportLab([older]);
      lab.writer.judged(judged);
      await lab.writer.flush(signal);
      assert.deepEqual(writes(lab), []);
    });
  }

  test('writes the newer kind where the cluster has that one only', async () => {
    await using lab = await reportLab([newer]);
    lab.writer.judged(review());
    await lab.writer.flush(signal);
    assert.deepEqual(await told(lab, 'uid-1', newer), ['a fail', 'b pass']);
  });

  test('does nothing in a cluster without reports, says so once, and begins when there are some', async () => {
    await using lab = await reportLab([]);
    for (let time = 0; time < 3; time += 1) {
      lab.writer.judged(review());
      await lab.writer.flush(signal);
      await lab.writer.scanned({ subject: podSubject(), asked: ['a'], results: [] }, signal);
    }
    assert.deepEqual([lab.warnings.length, lab.writer.size, lab.outcomes], [1, 0, []]);
    assert.equal(lab.api.calls.filter(({ path }) => path === '/apis').length, 1);
    for (const type of Object.values(older)) lab.api.register(type);
    lab.clock.skip(reportLimits.typesTime);
    lab.writer.judged(review());
    await lab.writer.flush(signal);
    assert.deepEqual(lab.outcomes, ['created']);
  });

  test('waits where the cluster does not tell which reports it has', async () => {
    await using lab = await reportLab([older], { staleGroups: ['wgpolicyk8s.io/v1alpha2'] });
    lab.api.faults.inject({ kind: 'status', status: 500 }, { when: ({ path }) => path.startsWith('/apis'), times: 9 });
    lab.writer.judged(review());
    assert.ok((await lab.writer.flush(signal)) > 0);
    assert.equal(lab.writer.size, 1);
    lab.api.faults.clear();
  });

  test('makes several changes of one object into one', async () => {
    await using lab = await reportLab([older]);
    lab.writer.judged(review({ verdict: verdictOf(ruleResult('a')) }));
    lab.writer.judged(review({ verdict: verdictOf(ruleResult('b')) }));
    lab.writer.judged(review({ verdict: verdictOf(ruleResult('a', { outcome: 'passed' })) }));
    await lab.writer.flush(signal);
    assert.deepEqual([await told(lab), lab.outcomes], [['a pass', 'b fail'], ['created']]);
  });

  test('forgets what policies said that are no more, or are not about it any more', async () => {
    await using lab = await reportLab([older]);
    lab.writer.judged(review());
    await lab.writer.flush(signal);
    lab.policies.delete('b');
    await lab.writer.scanned({ subject: podSubject(), asked: ['c'], results: [] }, signal);
    await lab.writer.flush(signal);
    assert.deepEqual(await told(lab), ['a fail']);
    await lab.writer.scanned({ subject: podSubject(), asked: ['a'], results: [] }, signal);
    await lab.writer.flush(signal);
    assert.equal(await told(lab), undefined);
    await lab.writer.scanned({ subject: podSubject(), asked: ['a'], results: [] }, signal);
    await lab.writer.flush(signal);
    assert.deepEqual(lab.outcomes, ['created', 'replaced', 'removed', 'unchanged']);
  });

  test('leaves the report of another tool alone that has its name', async () => {
    await using lab = await reportLab([older]);
    const labels = { 'app.kubernetes.io/managed-by': 'kyverno' };
    lab.api.seed(older.namespaced, { metadata: { name: 'uid-1', labels }, results: [] });
    for (let time = 0; time < 2; time += 1) {
      lab.writer.judged(review());
      await lab.writer.flush(signal);
    }
    assert.deepEqual(await told(lab), []);
    assert.deepEqual(await told(lab, 'uid-1-seaworthy'), ['a fail', 'b pass']);
    assert.deepEqual(lab.outcomes, ['created', 'unchanged']);
  });

  test('loses nothing of what another replica wrote at the same time', async () => {
    await using lab = await reportLab([older]);
    // Both read before either writes.
    let release: () => void = () => undefined;
    const until = new Promise<void>((resolve) => void (release = resolve));
    lab.api.faults.inject({ kind: 'wait', until }, { when: ({ verb }) => verb === 'create' });
    lab.writer.judged(review({ verdict: verdictOf(ruleResult('a')) }));
    const first = lab.writer.flush(signal);
    const other = new ReportWriter({
      client: lab.client,
      clock: instantClock(),
      logger: silentLogger,
      isPolicy: () => true,
    });
    other.judged(review({ verdict: verdictOf(ruleResult('b')) }));
    await other.flush(signal);
    release();
    await first;
    assert.deepEqual(await told(lab), ['a fail', 'b fail']);
  });

  test('tries again what may pass, and gives up what may not, and both are counted', async () => {
    await using lab = await reportLab([older]);
    const isCreate = ({ verb }: { readonly verb: string }): boolean => verb === 'create';
    lab.api.faults.inject({ kind: 'status', status: 500 }, { when: isCreate });
    lab.writer.judged(review());
    assert.ok((await lab.writer.flush(signal)) > 0);
    assert.equal(await lab.writer.flush(signal), 0);
    assert.deepEqual(lab.outcomes, ['created']);
    lab.api.faults.inject({ kind: 'status', status: 403, reason: 'Forbidden' }, { when: isCreate, times: 2 });
    for (const uid of ['x', 'y']) lab.writer.judged(review({ subject: podSubject({ uid }) }));
    assert.equal(await lab.writer.flush(signal), 0);
    assert.deepEqual(lab.outcomes, ['created', 'failed', 'failed']);
    assert.equal(lab.warnings.filter((message) => message === 'A report cannot be written').length, 2);
    lab.api.faults.inject({ kind: 'status', status: 500 }, { when: isCreate, times: 100 });
    lab.writer.judged(review({ subject: podSubject({ uid: 'z' }) }));
    for (let time = 0; time < reportLimits.failureTries; time += 1) assert.ok((await lab.writer.flush(signal)) > 0);
    assert.deepEqual([lab.writer.size, lab.outcomes.at(-1)], [0, 'failed']);
  });

  test('holds so many and no more, and counts those that are left out', async () => {
    await using lab = await reportLab([older]);
    for (let at = 0; at < reportLimits.pending + 2; at += 1) {
      lab.writer.judged(review({ subject: podSubject({ uid: `u${at}` }) }));
    }
    assert.deepEqual([lab.writer.size, lab.outcomes], [reportLimits.pending, ['dropped', 'dropped']]);
    // A look over the cluster waits instead.
    const ended = new AbortController();
    const waiting = lab.writer.scanned({ subject: podSubject({ uid: 'w' }), asked: ['a'], results: [] }, ended.signal);
    const writing = new AbortController();
    const running = lab.writer.run(writing.signal);
    await waiting;
    writing.abort(new Error('over'));
    await running;
    assert.ok(lab.outcomes.includes('created'));
    assert.equal(lab.outcomes.filter((outcome) => outcome === 'dropped').length, 2);
  });

  test('writes no faster than it may', async () => {
    await using lab = await reportLab([older]);
    const many = 2 * reportLimits.burst;
    for (let at = 0; at < many; at += 1) lab.writer.judged(review({ subject: podSubject({ uid: `u${at}` }) }));
    const start = lab.clock.monotonic();
    await lab.writer.flush(signal);
    const waited = lab.clock.monotonic() - start;
    assert.ok(waited > ((many - reportLimits.burst - 5) * 1000) / reportLimits.perSecond);
  });

  test('stops at once, and what a run writes is there', async () => {
    await using lab = await reportLab([older]);
    const ended = new AbortController();
    const running = lab.writer.run(ended.signal);
    lab.writer.judged(review());
    let report: KubernetesObject | undefined;
    while (report === undefined) report = await lab.client.get(older.namespaced, 'uid-1', { namespace: 'default' });
    ended.abort(new Error('over'));
    await running;
  });
});
