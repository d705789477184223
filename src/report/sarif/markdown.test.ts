import assert from 'node:assert/strict';
import test from 'node:test';
import { markdownText } from './markdown.ts';

test('markdownText() escapes markup and stays on one line', () => {
  assert.equal(markdownText('a *b* [c](d)\n<e> | `f`'), 'a \\*b\\* \\[c\\]\\(d\\) \\<e\\> \\| \\`f\\`');
});
