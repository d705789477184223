import assert from 'node:assert/strict';
import { test } from 'node:test';
import { packText, unpackBytes, unpackText } from './packed-text.ts';

test('packText() keeps texts of any length, and little of those that repeat themselves', async () => {
  for (const text of ['', 'a', 'é€😀'.repeat(7), 'flaw '.repeat(2_000_000)]) {
    const held = await packText(text);
    assert.equal(held.size, Buffer.byteLength(text));
    assert.equal(unpackText(held), text);
    assert.deepEqual(unpackBytes(held).length, held.size);
    assert.ok(held.packed.length < 100 + held.size / 100);
    // What is held is not a part of something larger.
    assert.equal(held.packed.buffer.byteLength, held.packed.length);
  }
});
