import assert from 'node:assert/strict';
import test from 'node:test';
import { formatDuration, parseDuration } from './duration.ts';

const durations: readonly (readonly [text: string, milliseconds: number | undefined, written?: string])[] = [
  ['5m0s', 300_000, '5m0s'],
  ['120h', 432_000_000, '120h0m0s'],
  ['1h30m', 5_400_000, '1h30m0s'],
  ['90s', 90_000, '1m30s'],
  ['1.5s', 1500, '1.5s'],
  ['.5h', 1_800_000, '30m0s'],
  ['300ms', 300, '300ms'],
  ['2000us', 2, '2ms'],
  ['1ns', 1, '1ms'],
  ['.1ms', 1, '1ms'],
  ['2w', 1_209_600_000, '336h0m0s'],
  ['30d', 2_592_000_000, '720h0m0s'],
  ['1d12h', 129_600_000, '36h0m0s'],
  ['0', 0, '0s'],
  ['0s', 0, '0s'],
  ['5', undefined],
  ['5 m', undefined],
  ['-5m', undefined],
  ['5mm', undefined],
  ['m', undefined],
  ['', undefined],
  ['5m'.repeat(60), undefined],
];

for (const [text, milliseconds, written] of durations) {
  test(`parseDuration() reads "${text.slice(0, 12)}"`, () => {
    assert.equal(parseDuration(text), milliseconds);
    if (milliseconds === undefined) return;
    assert.equal(formatDuration(milliseconds), written);
    assert.equal(parseDuration(formatDuration(milliseconds)), milliseconds);
  });
}
