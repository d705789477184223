import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Throttle } from './throttle.ts';

const settings = { free: 3, width: 4, firstWait: 1000, maxWait: 8000, forgetAfter: 60_000, entries: 4 };

function fail(throttle: Throttle, key: string, now: number): void {
  throttle.begin(key, now);
  throttle.end(key, true, now);
}

test('a throttle makes each failure beyond the free ones wait longer', () => {
  const throttle = new Throttle(settings);
  const waits: number[] = [];
  let now = 0;
  for (let count = 0; count < 8; count += 1) {
    now += throttle.wait('a', now);
    assert.equal(throttle.wait('a', now), 0);
    fail(throttle, 'a', now);
    waits.push(throttle.wait('a', now));
  }
  assert.deepEqual(waits, [0, 0, 1000, 2000, 4000, 8000, 8000, 8000]);
  assert.equal(throttle.wait('b', now), 0);
});

test('asking during a wait does not lengthen it', () => {
  const throttle = new Throttle(settings);
  for (let count = 0; count < 3; count += 1) fail(throttle, 'a', 0);
  assert.deepEqual([throttle.wait('a', 0), throttle.wait('a', 400), throttle.wait('a', 999)], [1000, 600, 1]);
  assert.equal(throttle.wait('a', 1000), 0);
});

test('guesses sent at once count as if they came one after another', () => {
  const throttle = new Throttle(settings);
  for (let count = 0; count < settings.width; count += 1) {
    assert.equal(throttle.wait('a', 0), 0);
    throttle.begin('a', 0);
  }
  assert.equal(throttle.wait('a', 0), 1000);
  throttle.end('a', false, 0);
  assert.equal(throttle.wait('a', 0), 0);
  throttle.end('a', true, 0);
  // One failed and two are under way: these may be the last free ones.
  assert.equal(throttle.wait('a', 0), 1000);
  throttle.end('a', true, 0);
  throttle.end('a', true, 0);
  assert.equal(throttle.wait('a', 0), 1000);
});

test('failures are forgotten, and forgiven', () => {
  const throttle = new Throttle(settings);
  for (let count = 0; count < 3; count += 1) fail(throttle, 'a', 0);
  assert.equal(throttle.wait('a', settings.forgetAfter), 0);
  fail(throttle, 'a', settings.forgetAfter);
  assert.equal(throttle.wait('a', settings.forgetAfter), 0);
  for (let count = 0; count < 3; count += 1) fail(throttle, 'b', 0);
  throttle.forgive('b');
  assert.equal(throttle.wait('b', 0), 0);
});

test('a throttle remembers so many keys, and those that failed last', () => {
  const throttle = new Throttle(settings);
  for (let count = 0; count < 3; count += 1) fail(throttle, 'a', 0);
  for (const key of ['b', 'c', 'd']) fail(throttle, key, 0);
  assert.equal(throttle.wait('a', 0), 1000);
  fail(throttle, 'a', 0);
  fail(throttle, 'e', 0);
  assert.equal(throttle.wait('a', 0), 2000);
  for (const key of ['f', 'g', 'h', 'i']) fail(throttle, key, 0);
  assert.equal(throttle.wait('a', 0), 0);
});
