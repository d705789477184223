import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BufferPool } from './buffer-pool.ts';
import { bufferSteps, maxFreeBuffers, smallestBuffer } from './filesystem/limits.ts';

const MiB = 1024 * 1024;

test('BufferPool gives large buffers to a few, and 64 streams of two buffers less than 36 MiB together', () => {
  const pool = new BufferPool(bufferSteps, smallestBuffer, maxFreeBuffers);
  const lent = Array.from({ length: 128 }, () => pool.borrow());
  assert.equal(lent[0]?.length, MiB);
  assert.equal(lent[7]?.length, MiB);
  assert.equal(lent[8]?.length, MiB / 2);
  assert.equal(lent.at(-1)?.length, smallestBuffer);
  assert.equal(new Set(lent).size, 128);
  assert.ok(pool.lent <= 36 * MiB);
  const many = Array.from({ length: 1000 }, () => pool.borrow());
  assert.ok(pool.lent <= 36 * MiB + MiB / 4 + 1000 * smallestBuffer);
  for (const buffer of [...lent, ...many]) pool.giveBack(buffer);
  assert.equal(pool.lent, 0);
});

test('BufferPool lends a buffer again once it was given back, and keeps no more than its share', () => {
  const pool = new BufferPool([{ whileLent: 100, size: 10 }], 1, 25);
  const [first, second, third] = [pool.borrow(), pool.borrow(), pool.borrow()];
  for (const buffer of [first, second, third]) pool.giveBack(buffer);
  assert.equal(pool.borrow(), second);
  assert.equal(pool.borrow(), first);
  assert.notEqual(pool.borrow(), third);
});
