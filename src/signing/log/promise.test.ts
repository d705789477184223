import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canonical } from '../../../testing/signing/log-bodies.ts';
import { MemoryLog } from '../../../testing/signing/memory-log.ts';
import { promiseText, verifyPromise } from './promise.ts';

const log = new MemoryLog();
const entry = log.append(canonical('a', '0.0.1', {}));
const promise = entry.promise ?? assert.fail();

test('promiseText() is the canonical JSON of what a log promises', () => {
  const small = {
    ...entry,
    body: Buffer.from('{}'),
    integratedTime: 5n,
    logId: Buffer.from('ab01', 'hex'),
    logIndex: 0n,
  };
  assert.equal(promiseText(small), '{"body":"e30=","integratedTime":5,"logID":"ab01","logIndex":0}');
  assert.notEqual(promiseText({ ...entry, logIndex: 2n ** 53n - 1n }), undefined);
  assert.equal(promiseText({ ...entry, logIndex: 2n ** 53n }), undefined);
  assert.equal(promiseText({ ...entry, integratedTime: 2n ** 53n }), undefined);
});

test('verifyPromise() holds for this entry, index, time, log and key alone', () => {
  assert.equal(verifyPromise(entry, promise, log.instance()), true);
  for (const change of [
    { body: Buffer.concat([entry.body, Buffer.from(' ')]) },
    { integratedTime: entry.integratedTime + 1n },
    { logIndex: entry.logIndex + 1n },
    { logId: Buffer.alloc(32) },
  ]) {
    assert.equal(verifyPromise({ ...entry, ...change }, promise, log.instance()), false, Object.keys(change)[0]);
  }
  assert.equal(verifyPromise(entry, promise, new MemoryLog().instance()), false);
  assert.equal(verifyPromise(entry, Buffer.alloc(0), log.instance()), false);
  assert.equal(verifyPromise({ ...entry, logIndex: 2n ** 60n }, promise, log.instance()), false);
});
