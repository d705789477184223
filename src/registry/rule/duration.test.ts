import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { formatDuration } from '../../base/time-text.ts';
import { parseDuration } from './duration.ts';
import { ruleLimits } from './limits.ts';

test('parseDuration() reads what Go writes, and days and weeks', () => {
  for (const [text, milliseconds] of [
    ['0', 0],
    ['0s', 0],
    ['30d', 2_592_000_000],
    ['2w', 1_209_600_000],
    ['12h', 43_200_000],
    ['90m', 5_400_000],
    ['1h30m', 5_400_000],
    ['1.5h', 5_400_000],
    ['1d12h30m15s250ms', 131_415_250],
    ['10ms', 10],
    ['0.4ms', 0],
    ['1m1ms', 60_001],
    ['36525d', ruleLimits.duration],
  ] as const) {
    assert.equal(parseDuration(text), milliseconds, text);
  }
});

test('parseDuration() refuses everything else', () => {
  for (const text of [
    '',
    ' ',
    '30',
    'd',
    '-1d',
    '+1d',
    '1 d',
    '30d ',
    '1D',
    '1M',
    '1mo',
    '1y',
    '1us',
    '1.d',
    '.5h',
    '1e3s',
    '0x10s',
    'NaNs',
    'P30D',
    '٣d',
    '36526d',
    '999999999999999w',
    '1d'.repeat(21),
  ]) {
    assert.throws(() => parseDuration(text), { name: 'RuleError', code: 'DURATION_INVALID' }, JSON.stringify(text));
  }
});

test('formatDuration() writes what parseDuration() reads', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: ruleLimits.duration }), (milliseconds) => {
      assert.equal(parseDuration(formatDuration(milliseconds)), milliseconds);
    }),
  );
});
