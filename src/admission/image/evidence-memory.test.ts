import assert from 'node:assert/strict';
import test from 'node:test';
import { makeSubject } from '../../../testing/policy/make-evidence.ts';
import { EvidenceMemory, type RememberedEvidence } from './evidence-memory.ts';

function evidence(characters: number, at: number = 0): RememberedEvidence {
  const subject = makeSubject({ repository: 'a'.repeat(characters) });
  return { platforms: [{ evidence: { subject, now: 0 } }], at, until: at + 10 };
}

test('evidence is held until its time, and never more of it than may be', () => {
  const memory = new EvidenceMemory(5000);
  for (let at = 0; at < 50; at += 1) {
    memory.put(`key ${at}`, evidence(1000));
    assert.ok(memory.size <= 5000);
  }
  assert.equal(memory.get('key 0', 5), undefined);
  assert.ok(memory.get('key 49', 9));
  assert.equal(memory.get('key 49', 10), undefined);
  memory.put('large', evidence(6000));
  assert.equal(memory.get('large', 5), undefined);
});

test('evidence of a time that is still to come does not count', () => {
  const memory = new EvidenceMemory(5000);
  memory.put('a', evidence(1, 100));
  assert.equal(memory.get('a', 50), undefined);
  assert.equal(memory.size, 0);
});

test('evidence that is asked for stays the longest', () => {
  const memory = new EvidenceMemory(3000);
  memory.put('a', evidence(1000));
  memory.put('b', evidence(1000));
  assert.ok(memory.get('a', 1));
  memory.put('c', evidence(1000));
  assert.deepEqual([memory.get('a', 1) === undefined, memory.get('b', 1) === undefined], [false, true]);
});
