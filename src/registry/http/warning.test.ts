import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { withWarnings } from './warning.ts';

const toldIn = (texts: readonly string[], before: object = {}): readonly string[] =>
  withWarnings({ ...before }, texts)['warning'] as readonly string[];

test('withWarnings() tells each sentence once, after what is there', () => {
  assert.deepEqual(withWarnings({ etag: 'x' }, []), { etag: 'x' });
  assert.deepEqual(toldIn(['One.', 'Two.', 'One.']), ['299 - "One."', '299 - "Two."']);
  assert.deepEqual(toldIn(['One.'], { warning: '110 - "Response is Stale"' }), [
    '110 - "Response is Stale"',
    '299 - "One."',
  ]);
  assert.deepEqual(toldIn(['a "rule" of C:\\x\r\nSet-Cookie: y, größer']), [
    `299 - "a 'rule' of C:/x?Set-Cookie: y, gr?er"`,
  ]);
  assert.equal(toldIn(Array.from({ length: 30 }, (_, at) => `${at}.`)).at(-1), '299 - "And 23 more warnings."');
});

test('withWarnings() sends nothing but quoted sentences of printable characters, and less than 4096 bytes', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 5000 }), { maxLength: 40 }), (texts) => {
      const told = toldIn(texts, { warning: '110 - "Response is Stale"' });
      if (texts.length === 0) return;
      for (const one of told.slice(1)) assert.match(one, /^299 - "[ !#-[\]-~]*"$/);
      assert.ok(told.map((one) => `warning: ${one}`).join('\r\n').length < 4096);
    }),
  );
});
