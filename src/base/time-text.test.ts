import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatAge, formatTime } from './time-text.ts';

test('formatAge() keeps the two largest units', () => {
  for (const [milliseconds, text] of [
    [-5, '0s'],
    [Number.NaN, '0s'],
    [999, '0s'],
    [61_500, '1m1s'],
    [3_600_000, '1h'],
    [3_661_000, '1h1m'],
    [90_061_000, '1d1h'],
    [86_400_000 * 40, '40d'],
  ] as const) {
    assert.equal(formatAge(milliseconds), text);
  }
});

test('formatTime() writes any number', () => {
  assert.equal(formatTime(1_767_225_600_000), '2026-01-01T00:00:00Z');
  assert.equal(formatTime(1), '1970-01-01T00:00:00.001Z');
  assert.equal(formatTime(Number.MAX_SAFE_INTEGER), '9007199254740991 ms');
});
