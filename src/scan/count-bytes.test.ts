import assert from 'node:assert/strict';
import test from 'node:test';
import { countBytes } from './count-bytes.ts';

async function* pieces(count: number, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < count; at += 1) yield new Uint8Array(size);
}

test('countBytes() passes everything on and reports all of it, in a few steps', async () => {
  const reports: number[] = [];
  let passed = 0;
  for await (const piece of countBytes(pieces(100, 100_000), (bytes) => reports.push(bytes))) passed += piece.length;
  assert.equal(passed, 10_000_000);
  assert.equal(
    reports.reduce((sum, bytes) => sum + bytes, 0),
    10_000_000,
  );
  assert.ok(reports.length > 1 && reports.length < 10, String(reports.length));
});
