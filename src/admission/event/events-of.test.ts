import assert from 'node:assert/strict';
import test, { describe } from 'node:test';
import { podSubject, ruleResult, verdictOf } from '../../../testing/admission/rule-result.ts';
import type { JudgedReview } from '../service/review-judge.ts';
import { eventsOf } from './events-of.ts';
import { eventLimits } from './limits.ts';
import type { EventReference } from './model.ts';

const denying = verdictOf(ruleResult('signed', { action: 'deny', denies: true }));
const auditing = verdictOf(ruleResult('signed'));
const policy: EventReference = { apiVersion: 'kyverno.io/v1', kind: 'ClusterPolicy', name: 'signed' };

function review(more: Partial<JudgedReview> = {}): JudgedReview {
  return { subject: podSubject(), verdict: denying, phase: 'validate', dryRun: false, ...more };
}

describe('eventsOf()', () => {
  const silent: readonly (readonly [what: string, review: JudgedReview])[] = [
    ['a trial', review({ dryRun: true })],
    ['what passed', review({ verdict: verdictOf(ruleResult('signed', { outcome: 'passed' })) })],
    ['what a policy skips', review({ verdict: verdictOf(ruleResult('signed', { outcome: 'skipped' })) })],
    ['what is let through by the first of two reviews', review({ verdict: auditing, phase: 'mutate' })],
  ];
  for (const [what, judged] of silent)
    test(`nothing of ${what}`, () =>
      assert.deepEqual(
        eventsOf(judged, () => policy),
        [],
      ));

  const pod = { apiVersion: 'v1', kind: 'Pod', name: 'web', namespace: 'default', uid: 'uid-1' };
  const old = podSubject().object;
  const about: readonly (readonly [
    what: string,
    review: JudgedReview,
    policy: EventReference | undefined,
    EventReference,
  ])[] = [
    ['a new object that was denied', review(), policy, policy],
    [
      'the same, of a policy that is a file',
      review(),
      undefined,
      { apiVersion: 'v1', kind: 'Namespace', name: 'default' },
    ],
    [
      'a change that was denied',
      review({ subject: podSubject({}, { operation: 'UPDATE', oldObject: old }) }),
      policy,
      pod,
    ],
    ['an object that was let through', review({ verdict: auditing }), policy, pod],
    [
      'a connection that was denied',
      review({ subject: podSubject({}, { operation: 'CONNECT', subresource: 'exec', object: {} }) }),
      policy,
      policy,
    ],
    [
      'an object of no namespace that was denied',
      review({ subject: { ...podSubject(), kind: 'Node', namespace: '' } }),
      undefined,
      { apiVersion: 'v1', kind: 'Node', name: 'web' },
    ],
  ];
  for (const [what, judged, found, expected] of about) {
    test(`is about the right thing: ${what}`, () =>
      assert.deepEqual(eventsOf(judged, () => found)[0]?.regarding, expected));
  }

  test('says what happened, and which object it was where it is about another', () => {
    const [event] = eventsOf(review(), () => policy);
    assert.equal(event?.note, 'Pod/default/web was denied by policy signed: check: it is not signed');
    assert.deepEqual([event.reason, event.action], ['PolicyViolation', 'Denied']);
    assert.deepEqual(event.related, { apiVersion: 'v1', kind: 'Pod', name: 'web', namespace: 'default' });
    const [error] = eventsOf(
      review({ verdict: verdictOf(ruleResult('signed', { outcome: 'undecided' })) }),
      () => policy,
    );
    assert.deepEqual([error?.reason, error?.action], ['PolicyError', 'Admitted']);
  });

  test('is one for each policy', () => {
    const verdict = verdictOf(ruleResult('a'), ruleResult('a', { rule: 'other' }), ruleResult('b'));
    assert.deepEqual(
      eventsOf(review({ verdict }), () => policy).map(({ note }) => note.split(' by ')[1]),
      ['policy a: check: it is not signed; other: it is not signed', 'policy b: check: it is not signed'],
    );
    const many = verdictOf(...Array.from({ length: 100 }, (_, at) => ruleResult(`p${at}`)));
    assert.equal(eventsOf(review({ verdict: many }), () => policy).length, eventLimits.perReview);
  });

  test('is the same for Pods of one controller, whatever they are called, and another for others', () => {
    const keyOf = (name: string, generateName: string): string | undefined =>
      eventsOf(review({ subject: podSubject({ name, generateName }) }), () => policy)[0]?.key;
    assert.equal(keyOf('web-1', 'web-'), keyOf('web-2', 'web-'));
    assert.notEqual(keyOf('web-1', 'web-'), keyOf('db-1', 'db-'));
  });

  test('fits into an event, and holds no secret', () => {
    const message = `Bearer abcdefghijkl ${'\u{4e00}'.repeat(5000)}`;
    const verdict = verdictOf(ruleResult('a', { message }), ruleResult('a', { rule: 'b', message }));
    const [event] = eventsOf(review({ verdict }), () => policy);
    const bytes = Buffer.byteLength(event?.note ?? '');
    assert.ok(bytes <= eventLimits.note && bytes > eventLimits.note - 6);
    assert.doesNotMatch(event?.note ?? '', /abcdefghijkl|\u{FFFD}/u);
    const secret = podSubject({}, { kind: 'Secret' });
    const [hidden] = eventsOf(
      review({ subject: secret, verdict: verdictOf(ruleResult('a', { message: 'hunter2' })) }),
      () => policy,
    );
    assert.equal(hidden?.note, 'Secret/default/web was let through by policy a: check');
  });
});
