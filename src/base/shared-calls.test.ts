import assert from 'node:assert/strict';
import test from 'node:test';
import { SharedCalls, untilAborted } from './shared-calls.ts';

test('calls of one key that are under way are one, and the next after them is another', async () => {
  const calls = new SharedCalls<number>();
  let made = 0;
  let end: (value: number) => void = () => undefined;
  const call = (): Promise<number> => {
    made += 1;
    return new Promise((resolve) => void (end = resolve));
  };
  const both = [calls.run('a', call), calls.run('a', call)];
  assert.equal(calls.size, 1);
  end(7);
  assert.deepEqual(await Promise.all(both), [7, 7]);
  assert.deepEqual([made, calls.size], [1, 0]);
  const third = calls.run('a', call);
  end(8);
  assert.deepEqual([await third, made], [8, 2]);
});

test('a call that fails fails for all who wait, and is not remembered', async () => {
  const calls = new SharedCalls<number>();
  const failing = (): Promise<number> => Promise.reject(new Error('no'));
  const both = [calls.run('a', failing), calls.run('a', failing)];
  for (const each of both) await assert.rejects(each, /no/);
  assert.equal(await calls.run('a', () => Promise.resolve(1)), 1);
});

test('who gives up does not end the call for others', async () => {
  const calls = new SharedCalls<number>();
  let end: (value: number) => void = () => undefined;
  const call = (): Promise<number> => new Promise((resolve) => void (end = resolve));
  const impatient = new AbortController();
  const first = untilAborted(calls.run('a', call), impatient.signal);
  const second = untilAborted(calls.run('a', call), new AbortController().signal);
  impatient.abort(new Error('too late'));
  await assert.rejects(first, /too late/);
  end(3);
  assert.equal(await second, 3);
  await assert.rejects(untilAborted(Promise.resolve(1), AbortSignal.abort(new Error('before'))), /before/);
});
