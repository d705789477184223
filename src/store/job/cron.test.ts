import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { StoreError } from '../error.ts';
import { formatCron, nextCronTime, parseCron } from './cron.ts';

function next(cron: string, after: string): string | undefined {
  const time = nextCronTime(parseCron(cron), Date.parse(after));
  return time === undefined ? undefined : new Date(time).toISOString().replace(':00.000Z', 'Z');
}

test('nextCronTime() finds the next time', () => {
  const cases = [
    ['* * * * *', '2026-01-01T00:00:00Z', '2026-01-01T00:01Z'],
    ['* * * * *', '2026-01-01T00:00:59.999Z', '2026-01-01T00:01Z'],
    ['0 3 * * *', '2026-01-01T02:59:59Z', '2026-01-01T03:00Z'],
    ['0 3 * * *', '2026-01-01T03:00:00Z', '2026-01-02T03:00Z'],
    ['*/15 * * * *', '2026-01-01T00:50:00Z', '2026-01-01T01:00Z'],
    ['5-20/5 1 * * *', '2026-01-01T01:10:00Z', '2026-01-01T01:15Z'],
    ['59 23 31 12 *', '2026-12-31T23:59:00Z', '2027-12-31T23:59Z'],
    ['0 0 29 2 *', '2026-03-01T00:00:00Z', '2028-02-29T00:00Z'],
    ['0 0 29 feb *', '2096-03-01T00:00:00Z', '2104-02-29T00:00Z'],
    ['0 0 30 2 *', '2026-01-01T00:00:00Z', undefined],
    ['0 9 * * mon-fri', '2026-01-02T09:00:00Z', '2026-01-05T09:00Z'],
    ['0 9 * * 0', '2026-01-01T00:00:00Z', '2026-01-04T09:00Z'],
    ['0 9 * * 7', '2026-01-01T00:00:00Z', '2026-01-04T09:00Z'],
    ['0 9 * * 5-7', '2026-01-04T10:00:00Z', '2026-01-09T09:00Z'],
    // Both kinds of days: either will do. 2026-01-13 is a Tuesday.
    ['0 0 13 * 5', '2026-01-10T00:00:00Z', '2026-01-13T00:00Z'],
    ['0 0 13 * 5', '2026-01-13T00:00:00Z', '2026-01-16T00:00Z'],
    ['0 0 * 6 1', '2026-01-01T00:00:00Z', '2026-06-01T00:00Z'],
    ['0 0 1 JAN,Jul *', '2026-01-01T00:00:00Z', '2026-07-01T00:00Z'],
  ] as const;
  for (const [cron, after, expected] of cases) assert.equal(next(cron, after), expected, `${cron} after ${after}`);
});

test('parseCron() refuses what is no time, and says which field it is', () => {
  const cases = [
    ['', /five fields/],
    ['* * * *', /five fields/],
    ['* * * * * *', /five fields/],
    [`${'1,'.repeat(500)}1 * * * *`, /five fields/],
    ['60 * * * *', /minute/],
    ['* 24 * * *', /hour/],
    ['* * 0 * *', /day of the month/],
    ['* * * 13 *', /month/],
    ['* * * * 8', /day of the week/],
    ['* * * * foo', /day of the week/],
    ['jan * * * *', /minute/],
    ['5-1 * * * *', /minute/],
    ['5/10 * * * *', /minute/],
    ['*/0 * * * *', /minute/],
    ['1, * * * *', /minute/],
    ['-1 * * * *', /minute/],
    ['1.5 * * * *', /minute/],
    ['@daily * * * *', /minute/],
    ['* * L * *', /day of the month/],
    ['H * * * *', /minute/],
  ] as const;
  for (const [text, pattern] of cases) {
    assert.throws(
      () => parseCron(text),
      (error) => error instanceof StoreError && error.code === 'STORE_SETTING_INVALID' && pattern.test(error.message),
      text,
    );
  }
});

test('formatCron() writes what parseCron() reads as the same', () => {
  assert.equal(formatCron(parseCron('*/20 0-3 * jan,mar 7,1')), '0,20,40 0,1,2,3 * 1,3 0,1');
  const field = (first: number, last: number): fc.Arbitrary<string> =>
    fc.oneof(
      fc.constant('*'),
      fc.integer({ min: 1, max: 30 }).map((step) => `*/${step}`),
      fc.array(fc.integer({ min: first, max: last }), { minLength: 1, maxLength: 4 }).map((list) => list.join(',')),
    );
  const cron = fc
    .tuple(field(0, 59), field(0, 23), field(1, 31), field(1, 12), field(0, 7))
    .map((all) => all.join(' '));
  const time = fc.integer({ min: 0, max: 4e12 });
  fc.assert(
    fc.property(cron, time, (text, after) => {
      const parsed = parseCron(text);
      const again = parseCron(formatCron(parsed));
      assert.deepEqual(again, parsed);
      const found = nextCronTime(parsed, after);
      assert.equal(nextCronTime(again, after), found);
      if (found === undefined) return;
      assert.ok(found > after && found % 60_000 === 0);
      assert.equal(nextCronTime(parsed, found - 1), found);
    }),
    { numRuns: 200 },
  );
});
