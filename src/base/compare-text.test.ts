import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { compareText } from './compare-text.ts';

test('compareText() sorts as sort() does, and takes only the same texts for the same', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary' })), (texts) => {
      assert.deepEqual(texts.toSorted(compareText), texts.toSorted());
      for (const a of texts) for (const b of texts) assert.equal(compareText(a, b) === 0, a === b);
    }),
  );
  assert.deepEqual(['a', 'B', 'ä', ''].sort(compareText), ['', 'B', 'a', 'ä']);
});
