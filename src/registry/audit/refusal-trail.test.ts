import assert from 'node:assert/strict';
import test from 'node:test';
import { auditEntry, type AuditEntry } from './entry.ts';
import { entryOfMore } from './entry-of.ts';
import { auditLimits } from './limits.ts';
import { RefusalTrail } from './refusal-trail.ts';

const room = auditLimits.refusals.logins;
const { atOnce, eachMinute } = room;

const refused = (name: string, time = 0, reason = 'wrong'): AuditEntry =>
  auditEntry({ time, actor: { kind: 'user', name }, action: 'login', outcome: 'denied', reason } as never);

function makeTrail(): {
  readonly trail: RefusalTrail;
  readonly written: () => (readonly [string, string | undefined])[];
} {
  const entries: AuditEntry[] = [];
  const note = (entry: AuditEntry): void => void entries.push(entry);
  const sumOf = (count: number): AuditEntry => entryOfMore('logins', count, 1);
  const trail = new RefusalTrail({ note, room, sumOf, interval: 3_600_000 });
  return {
    trail,
    written: () => entries.splice(0).map(({ actor, reason }) => [`${actor.kind}:${actor.name}`, reason] as const),
  };
}

test('RefusalTrail writes the first of each kind at once, and the number of the same behind it', () => {
  const { trail, written } = makeTrail();
  for (const [name, reason] of [
    ['alice', 'wrong'],
    ['bob', 'wrong'],
    ['alice', 'throttled'],
    ['alice', 'wrong'],
    ['alice', 'wrong'],
  ] as const) {
    trail.add(`${name} ${reason}`, refused(name, 0, reason));
  }
  assert.deepEqual(written(), [
    ['user:alice', 'wrong'],
    ['user:bob', 'wrong'],
    ['user:alice', 'throttled'],
  ]);
  trail.sum();
  assert.deepEqual(written(), [['user:alice', '2 more within a minute: wrong']]);
  trail.add('bob wrong', refused('bob'));
  trail[Symbol.dispose]();
  assert.deepEqual(written(), [['user:bob', 'wrong']], 'a new minute');
});

test('RefusalTrail writes no more than so many entries, whoever asks however often, and loses no number', () => {
  const { trail, written } = makeTrail();
  let told = 0;
  let entries = 0;
  const minutes = 50;
  const each = 1000;
  for (let minute = 0; minute < minutes; minute += 1) {
    // Half of them are the same twice.
    for (let at = 0; at < each; at += 1) {
      const name = `${minute}-${at % 2 === 0 ? at : Math.floor(at / 4)}`;
      trail.add(name, refused(name));
    }
    trail.sum();
    for (const [, reason = ''] of written()) {
      entries += 1;
      told += Number(/^(\d+) more/.exec(reason)?.[1] ?? 1);
    }
  }
  assert.equal(told, minutes * each);
  assert.ok(entries <= atOnce + minutes * (eachMinute + 1), `${entries}`);
  trail.sum();
  assert.deepEqual(written(), [], 'nothing is told twice');
  trail[Symbol.dispose]();
});

test('RefusalTrail makes no entry that is longer than one may be', () => {
  const { trail, written } = makeTrail();
  for (let at = 0; at < 2; at += 1) trail.add('x', refused('x', 0, 'y'.repeat(auditLimits.reason)));
  trail[Symbol.dispose]();
  for (const [, reason = ''] of written()) assert.ok(reason.length <= auditLimits.reason);
});
