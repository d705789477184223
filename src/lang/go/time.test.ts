import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { formatGoTime } from './format-time.ts';
import { parseGoTime } from './parse-time.ts';
import { rfc3339 } from './time-layout.ts';
import { type GoTime, utcTime } from './time.ts';

const moment: GoTime = { nanoseconds: 1_233_810_057_012_345_600n, offset: -8 * 3600, zone: 'PST' };

const written: readonly (readonly [layout: string, text: string])[] = [
  ['Mon Jan _2 15:04:05 2006', 'Wed Feb  4 21:00:57 2009'],
  ['Mon Jan _2 15:04:05 MST 2006', 'Wed Feb  4 21:00:57 PST 2009'],
  ['Mon Jan 02 15:04:05 -0700 2006', 'Wed Feb 04 21:00:57 -0800 2009'],
  ['02 Jan 06 15:04 MST', '04 Feb 09 21:00 PST'],
  ['Monday, 02-Jan-06 15:04:05 MST', 'Wednesday, 04-Feb-09 21:00:57 PST'],
  [rfc3339, '2009-02-04T21:00:57-08:00'],
  ['2006-01-02T15:04:05.999999999Z07:00', '2009-02-04T21:00:57.0123456-08:00'],
  ['3:04PM', '9:00PM'],
  ['3:04pm', '9:00pm'],
  ['Jan _2 15:04:05.000', 'Feb  4 21:00:57.012'],
  ['Jan _2 15:04:05.000000000', 'Feb  4 21:00:57.012345600'],
  ['2006-002', '2009-035'],
  ['2006 __2', '2009  35'],
  ['Janet Jan January 1 01', 'Janet Feb February 2 02'],
  ['_2006', '_2009'],
  ['05,000', '57,012'],
  ['Z0700 Z07 Z07:00:00', '-0800 -08 -08:00:00'],
  ['January 2, 2006 at 3:04:05', 'February 4, 2009 at 9:00:57'],
];

for (const [layout, text] of written) {
  test(`formatGoTime() by ${layout}`, () => assert.equal(formatGoTime(moment, layout), text));
}

test('formatGoTime() writes Z for UTC, and what is no time as itself', () => {
  assert.equal(formatGoTime(utcTime(0), rfc3339), '1970-01-01T00:00:00Z');
  assert.equal(formatGoTime(utcTime(-1), '2006-01-02T15:04:05.999Z07:00'), '1969-12-31T23:59:59.999Z');
  assert.equal(formatGoTime(utcTime(0), 'hh:mm'), 'hh:mm');
});

const read: readonly (readonly [layout: string, text: string, utc: string | undefined])[] = [
  [rfc3339, '2024-02-29T12:00:00Z', '2024-02-29T12:00:00.000Z'],
  [rfc3339, '2024-02-29T12:00:00.5+02:00', '2024-02-29T10:00:00.500Z'],
  [rfc3339, '2023-02-29T12:00:00Z', undefined],
  [rfc3339, '2023-02-28T24:00:00Z', undefined],
  [rfc3339, '2023-02-28 12:00:00Z', undefined],
  [rfc3339, '2023-02-28T12:00:00Zx', undefined],
  [rfc3339, '2023-02-28T12:00:00', undefined],
  ['2006-01-02', '2023-07-01', '2023-07-01T00:00:00.000Z'],
  ['Mon, 02 Jan 2006 15:04:05 MST', 'Tue, 10 Nov 2009 23:00:00 UTC', '2009-11-10T23:00:00.000Z'],
  ['Jan 2 2006', 'february 3 2013', undefined],
  ['January 2 2006', 'february 3 2013', '2013-02-03T00:00:00.000Z'],
  ['Jan _2 2006', 'Feb  3 2013', '2013-02-03T00:00:00.000Z'],
  ['3:04PM', '12:05AM', '0000-01-01T00:05:00.000Z'],
  ['3:04PM', '1:05PM', '0000-01-01T13:05:00.000Z'],
  ['06-002', '09-365', '2009-12-31T00:00:00.000Z'],
  ['06-002', '09-366', undefined],
  ['2006-01-02 15:04:05.000', '2009-01-01 00:00:00.25', undefined],
  ['2006-01-02 15:04:05.999', '2009-01-01 00:00:00.25', '2009-01-01T00:00:00.250Z'],
  ['2006-01-02 15:04:05 -0700', '2009-01-01 00:00:00 -0130', '2009-01-01T01:30:00.000Z'],
  ['', '', '0000-01-01T00:00:00.000Z'],
  ['', 'x', undefined],
];

for (const [layout, text, utc] of read) {
  test(`parseGoTime() of ${JSON.stringify(text)} by ${layout}`, () => {
    const found = parseGoTime(layout, text);
    assert.equal(found === undefined ? undefined : new Date(Number(found.nanoseconds / 1_000_000n)).toISOString(), utc);
  });
}

test('a time that was written is read as the same', () => {
  const time = fc.record({
    nanoseconds: fc.bigInt({ min: 0n, max: 4_000_000_000_000_000_000n }),
    offset: fc.integer({ min: -720, max: 720 }).map((minutes) => minutes * 60),
    zone: fc.constant(''),
  });
  const layout = fc.constantFrom(
    '2006-01-02T15:04:05.999999999Z07:00',
    'Mon, 02 Jan 2006 15:04:05.000000000 -0700',
    '2006 002 03:04:05.999999999PM -07:00',
  );
  fc.assert(
    fc.property(time, layout, (one, by) => {
      assert.equal(parseGoTime(by, formatGoTime(one, by))?.nanoseconds, one.nanoseconds);
    }),
  );
});

test('parseGoTime() of anything is a time or none', () => {
  fc.assert(fc.property(fc.string(), fc.string(), (layout, text) => void parseGoTime(layout, text)));
});
