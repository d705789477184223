import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { NetError } from './error.ts';
import { backoffMs, failureRetries, parseRetryAfter } from './retry.ts';

test('parseRetryAfter() reads seconds and dates', () => {
  const now = Date.UTC(2026, 0, 2, 3, 4, 5);
  for (const [text, pause] of [
    [undefined, undefined],
    ['0', 0],
    [' 7 ', 7000],
    ['Fri, 02 Jan 2026 03:04:15 GMT', 10_000],
    ['Fri, 02 Jan 2026 03:04:00 GMT', 0],
    ['soon', undefined],
    ['-1', undefined],
    ['1.5', undefined],
    ['', undefined],
  ] as const) {
    assert.equal(parseRetryAfter(text, now), pause, String(text));
  }
  fc.assert(
    fc.property(fc.string(), (text) => {
      const pause = parseRetryAfter(text, now);
      assert.ok(pause === undefined || pause >= 0);
    }),
  );
});

test('backoffMs() doubles its bound, up to a limit, and spreads below it', () => {
  const almost = { random: () => 0.999_999 };
  assert.deepEqual(
    [0, 1, 2, 3, 10].map((retry) => Math.round(backoffMs(retry, almost))),
    [250, 500, 1000, 2000, 8000],
  );
  assert.equal(backoffMs(3, { random: () => 0 }), 0);
});

test('failureRetries() repeats what may pass, and nothing else', () => {
  const resolution = (code: string): NetError =>
    new NetError('UNRESOLVED', 'h', 'm', { cause: Object.assign(new Error('x'), { code }) });
  assert.deepEqual(
    [
      new NetError('RESET', 'h', 'm'),
      new NetError('TIMEOUT', 'h', 'm'),
      resolution('EAI_AGAIN'),
      resolution('ENOTFOUND'),
      new NetError('TLS', 'h', 'm'),
      new NetError('OFFLINE', 'h', 'm'),
      new NetError('TOO_LARGE', 'h', 'm'),
    ].map(failureRetries),
    [3, 1, 2, 0, 0, 0, 0],
  );
});
