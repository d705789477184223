import assert from 'node:assert/strict';
import test from 'node:test';
import { parseExpiry, parseExpiryDay } from './expiry.ts';

const table: readonly (readonly [text: string, day: string | undefined, either: string | undefined])[] = [
  ['2025-03-01', '2025-03-01T00:00:00.000Z', '2025-03-01T00:00:00.000Z'],
  ['2024-02-29', '2024-02-29T00:00:00.000Z', '2024-02-29T00:00:00.000Z'],
  ['2025-02-29', undefined, undefined],
  ['2025-02-30', undefined, undefined],
  ['2025-13-01', undefined, undefined],
  ['2025-3-1', undefined, undefined],
  ['01-03-2025', undefined, undefined],
  ['2025-03-01 ', undefined, undefined],
  ['', undefined, undefined],
  ['tomorrow', undefined, undefined],
  ['2025-03-01T10:00:00Z', undefined, '2025-03-01T10:00:00.000Z'],
  ['2025-03-01t10:00:00.5z', undefined, '2025-03-01T10:00:00.500Z'],
  ['2025-03-01 10:00:00+02:00', undefined, '2025-03-01T08:00:00.000Z'],
  ['2025-02-30T10:00:00Z', undefined, undefined],
  ['2025-03-01T25:00:00Z', undefined, undefined],
  ['2025-03-01T10:00:00', undefined, undefined],
];

function iso(time: number | undefined): string | undefined {
  return time === undefined ? undefined : new Date(time).toISOString();
}

for (const [text, day, either] of table) {
  test(`parseExpiryDay() reads "${text}" as ${day ?? 'no day'}`, () => assert.equal(iso(parseExpiryDay(text)), day));
  test(`parseExpiry() reads "${text}" as ${either ?? 'no time'}`, () => assert.equal(iso(parseExpiry(text)), either));
}
