import assert from 'node:assert/strict';
import { test } from 'node:test';
import { freeMemory } from './free-memory.ts';

test('freeMemory() gives back what bytes have for themselves, and nothing that others share', () => {
  const own = Buffer.allocUnsafeSlow(1000);
  freeMemory(own);
  assert.equal(own.length, 0);
  const shared = Buffer.allocUnsafeSlow(1000).fill(7);
  freeMemory(shared.subarray(0, 999));
  freeMemory(shared.subarray(1));
  assert.equal(shared[999], 7);
  const across = new Uint8Array(new SharedArrayBuffer(8)).fill(3);
  freeMemory(across);
  assert.equal(across[7], 3);
});
