import assert from 'node:assert/strict';
import test from 'node:test';
import { printable } from './printable.ts';

for (const [text, expected] of [
  ['CVE-2024-1', 'CVE-2024-1'],
  ['a\u001b[31m\n\u202e\u2028\ud800b', 'a\uFFFD[31m\uFFFD\uFFFD\uFFFD\uFFFDb'],
  ['x'.repeat(99), 'x'.repeat(60)],
] as const) {
  test(`printable() shows ${JSON.stringify(text.slice(0, 20))} safely`, () => assert.equal(printable(text), expected));
}
