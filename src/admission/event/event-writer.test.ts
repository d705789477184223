import assert from 'node:assert/strict';
import test, { describe } from 'node:test';
import { podSubject, ruleResult, verdictOf } from '../../../testing/admission/rule-result.ts';
import { kubernetesLab, type KubernetesLab } from '../../../testing/kubernetes/kubernetes-lab.ts';
import { instantClock } from '../../../testing/registry/instant-clock.ts';
import { silentLogger } from '../../base/logger.ts';
import { listAll } from '../../kubernetes/list-all.ts';
import type { KubernetesObject } from '../../kubernetes/model.ts';
import type { JudgedReview } from '../service/review-judge.ts';
import { eventType } from './event-object.ts';
import { EventWriter, type EventWritten } from './event-writer.ts';
import { eventLimits } from './limits.ts';

interface EventLab extends KubernetesLab {
  readonly writer: EventWriter;
  readonly clock: ReturnType<typeof instantClock>;
  readonly outcomes: EventWritten[];
  readonly warnings: string[];
}

const { signal } = new AbortController();

async function eventLab(): Promise<EventLab> {
  const lab = await kubernetesLab();
  const clock = instantClock();
  const outcomes: EventWritten[] = [];
  const warnings: string[] = [];
  const writer = new EventWriter({
    client: lab.client,
    clock,
    logger: { ...silentLogger, warn: (message) => void warnings.push(message) },
    identity: 'seaworthy-0',
    observe: (outcome) => void outcomes.push(outcome),
  });
  return { ...lab, writer, clock, outcomes, warnings };
}

function denied(name: string = 'web'): JudgedReview {
  const verdict = verdictOf(ruleResult('signed', { action: 'deny', denies: true }));
  return { subject: podSubject({ name }), verdict, phase: 'mutate', dryRun: false };
}

async function events({ client }: KubernetesLab): Promise<readonly KubernetesObject[]> {
  return (await listAll(client, eventType)).objects;
}

function countOf(event: KubernetesObject | undefined): unknown {
  return Object(event?.['series']).count;
}

describe('EventWriter', () => {
  test('tells of what was denied, once however often it happens, and then how often', async () => {
    await using lab = await eventLab();
    for (let time = 0; time < 100; time += 1) {
      lab.writer.judged(denied());
      await lab.writer.flush(signal);
    }
    assert.deepEqual(lab.outcomes, ['created']);
    lab.clock.skip(eventLimits.seriesPause);
    await lab.writer.flush(signal);
    await lab.writer.flush(signal);
    assert.deepEqual(lab.outcomes, ['created', 'counted']);
    const [event, ...others] = await events(lab);
    assert.equal(others.length, 0);
    assert.deepEqual(
      [event?.['reason'], event?.['action'], event?.['type'], event?.metadata.namespace, event?.['reportingInstance']],
      ['PolicyViolation', 'Denied', 'Warning', 'default', 'seaworthy-0'],
    );
    assert.equal(countOf(event), 100);
    lab.clock.skip(eventLimits.seriesEnd);
    await lab.writer.flush(signal);
    assert.deepEqual([lab.writer.size, lab.outcomes.length], [0, 2]);
  });

  test('tells the rest of a series at its end', async () => {
    await using lab = await eventLab();
    lab.writer.judged(denied());
    await lab.writer.flush(signal);
    lab.clock.skip(eventLimits.seriesPause);
    lab.writer.judged(denied());
    await lab.writer.flush(signal);
    lab.writer.judged(denied());
    lab.clock.skip(eventLimits.seriesEnd);
    await lab.writer.flush(signal);
    await lab.writer.flush(signal);
    assert.deepEqual([lab.outcomes, lab.writer.size], [['created', 'counted', 'counted'], 0]);
    const [event] = await events(lab);
    assert.equal(countOf(event), 3);
  });

  test('tells anew what happens again after a long time, or whose event is gone', async () => {
    await using lab = await eventLab();
    lab.writer.judged(denied());
    await lab.writer.flush(signal);
    lab.clock.skip(eventLimits.seriesEnd);
    lab.writer.judged(denied());
    await lab.writer.flush(signal);
    const [first, second] = await events(lab);
    assert.ok(first !== undefined && second !== undefined);
    for (const { metadata } of [first, second]) {
      await lab.client.remove(eventType, metadata.name, { namespace: 'default' });
    }
    lab.writer.judged(denied());
    lab.clock.skip(eventLimits.seriesPause);
    await lab.writer.flush(signal);
    assert.deepEqual(lab.outcomes, ['created', 'created', 'created']);
    assert.equal((await events(lab)).length, 1);
  });

  test('holds so much and no more, and writes no faster than it may', async () => {
    await using lab = await eventLab();
    for (let at = 0; at < eventLimits.series + 3; at += 1) lab.writer.judged(denied(`web-${at}`));
    assert.deepEqual(
      [lab.writer.size, lab.outcomes, lab.warnings.length],
      [eventLimits.series, ['dropped', 'dropped', 'dropped'], 1],
    );
    const ended = new AbortController();
    const count = (): number => lab.api.calls.filter(({ verb }) => verb === 'create').length;
    const start = lab.clock.monotonic();
    const flushing = lab.writer.flush(ended.signal);
    while (count() < 2 * eventLimits.burst) await new Promise(setImmediate);
    ended.abort(new Error('over'));
    await flushing;
    const waited = lab.clock.monotonic() - start;
    assert.ok(waited > ((eventLimits.burst - 3) * 1000) / eventLimits.perSecond);
  });

  test('tries again what may pass, and gives up what may not', async () => {
    await using lab = await eventLab();
    const isCreate = ({ verb }: { readonly verb: string }): boolean => verb === 'create';
    lab.api.faults.inject({ kind: 'status', status: 500 }, { when: isCreate });
    lab.writer.judged(denied());
    await lab.writer.flush(signal);
    assert.deepEqual(lab.outcomes, []);
    await lab.writer.flush(signal);
    assert.deepEqual(lab.outcomes, ['created']);
    lab.api.faults.inject({ kind: 'status', status: 403, reason: 'Forbidden' }, { when: isCreate, times: 2 });
    lab.writer.judged(denied('a'));
    lab.writer.judged(denied('b'));
    await lab.writer.flush(signal);
    assert.deepEqual(lab.outcomes, ['created', 'failed', 'failed']);
    lab.api.faults.inject({ kind: 'drop', when: 'after' }, { when: isCreate });
    lab.writer.judged(denied('c'));
    await lab.writer.flush(signal);
    await lab.writer.flush(signal);
    assert.deepEqual(lab.outcomes.slice(3), ['created']);
    lab.api.faults.inject({ kind: 'status', status: 500 }, { when: isCreate, times: 100 });
    lab.writer.judged(denied('d'));
    for (let time = 0; time < eventLimits.tries; time += 1) await lab.writer.flush(signal);
    assert.deepEqual(lab.outcomes.slice(4), ['failed']);
    assert.equal(lab.warnings.length, 3);
  });
});
