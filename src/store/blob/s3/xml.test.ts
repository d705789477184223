import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { maxDocumentDepth, maxDocumentElements } from './limits.ts';
import { elementsOf, parseXml, textOf } from './xml.ts';

test('parseXml() reads what a store answers', () => {
  const root = parseXml(
    '<?xml version="1.0" encoding="UTF-8"?>\n<s:List xmlns:s="x">\n<A>one</A><A>t&amp;o</A><B><![CDATA[<3]]></B><C/></s:List>',
  );
  assert.equal(root?.name, 'List');
  assert.deepEqual(
    elementsOf(root, 'A').map(({ text }) => text),
    ['one', 't&o'],
  );
  assert.equal(textOf(root, 'B'), '<3');
  assert.equal(textOf(root, 'C'), '');
  assert.equal(textOf(root, 'D'), undefined);
});

test('parseXml() refuses what no store answers', () => {
  const nested = (depth: number): string => '<a>'.repeat(depth) + '</a>'.repeat(depth);
  assert.ok(parseXml(nested(maxDocumentDepth)) !== undefined);
  for (const text of [
    '',
    'nonsense',
    '{"a":1}',
    '<a>',
    '<a></b>',
    '<a/><b/>',
    '<!DOCTYPE a><a/>',
    '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
    '<a>&unknown;</a>',
    nested(maxDocumentDepth + 1),
    `<a>${'<b/>'.repeat(maxDocumentElements)}</a>`,
  ]) {
    assert.equal(parseXml(text), undefined, text.slice(0, 60));
  }
});

test('parseXml() never throws', () => {
  const piece = fc.constantFrom(
    '<a>',
    '</a>',
    '<a/>',
    '<![CDATA[',
    ']]>',
    '&lt;',
    '&#0;',
    '<?x',
    '?>',
    '<!--',
    'ü',
    '\0',
    '<',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      parseXml(pieces.join(''));
    }),
    { numRuns: 300 },
  );
});
