import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { cleanText } from './clean-text.ts';
import { displayWidth } from './display-width.ts';
import { paintWith } from './style.ts';
import { renderTextTable } from './text-table.ts';
import { wrapText } from './wrap-text.ts';

const plain = paintWith(false);

for (const [text, clean] of [
  ['plain', 'plain'],
  ['a\r\nb\tc', 'a b c'],
  ['\u001b[31mred\u001b[0m', '\uFFFD[31mred\uFFFD[0m'],
  ['\u009b31m', '\uFFFD31m'],
  ['abc\u202Egpj.exe', 'abc\uFFFDgpj.exe'],
  ['zero\u200Bwidth', 'zero\uFFFDwidth'],
  ['bell\u0007\u0000', 'bell\uFFFD\uFFFD'],
  ['half \ud800', 'half \uFFFD'],
  ['naïve 漢字 👍', 'naïve 漢字 👍'],
] as const) {
  test(`cleanText() cleans ${JSON.stringify(text)}`, () => assert.equal(cleanText(text), clean));
}

for (const [text, width] of [
  ['', 0],
  ['abc', 3],
  ['é', 1],
  ['e\u0301', 1],
  ['漢字', 4],
  ['ｆｕｌｌ', 8],
  ['ﾊﾝｶｸ', 4],
  ['한글', 4],
  ['👍🏽', 2],
  ['👨‍👩‍👧', 2],
  ['❤\uFE0F', 2],
  ['—…', 2],
] as const) {
  test(`displayWidth() counts ${width} cells for ${text}`, () => assert.equal(displayWidth(text), width));
}

for (const [text, width, lines] of [
  ['a bc def', 4, ['a bc', 'def']],
  ['', 5, ['']],
  ['3.0.11-1~deb12u2', 8, ['3.0.11-', '1~', 'deb12u2']],
  ['org.apache.logging.log4j:log4j-core', 18, ['org.apache.', 'logging.log4j:', 'log4j-core']],
  ['abcdefghij', 4, ['abcd', 'efgh', 'ij']],
  ['漢字漢字', 5, ['漢字', '漢字']],
  ['漢', 1, ['漢']],
] as const) {
  test(`wrapText() wraps "${text}" at ${width}`, () => assert.deepEqual(wrapText(text, width), lines));
}

test('wrapText() cuts what does not fit into the lines allowed, and says so', () => {
  assert.deepEqual(wrapText('one two three four', 9, 1), ['one two…']);
  assert.deepEqual(wrapText('one two', 9, 1), ['one two']);
  assert.deepEqual(wrapText('abcdefghi jkl', 9, 1), ['abcdefgh…']);
});

test('wrapText() loses nothing but spaces and keeps to the width', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), fc.integer({ min: 2, max: 30 }), (given, width) => {
      const text = cleanText(given);
      const lines = wrapText(text, width);
      assert.equal(lines.join('').replaceAll(' ', ''), text.replaceAll(' ', ''));
      for (const line of lines) assert.ok(displayWidth(line) <= width, JSON.stringify(line));
    }),
    { numRuns: 500 },
  );
});

test('renderTextTable() shrinks the columns that may, aligns, and paints outside the padding', () => {
  const columns = [{ header: 'Name', least: 6 }, { header: 'N', align: 'right' as const }, { header: 'Word' }];
  const rows = [
    { cells: ['a-long-name', '1', { text: 'HIGH', style: 'HIGH' as const }], below: ['more about it'] },
    { cells: ['漢字', '100', ''] },
  ];
  assert.deepEqual(renderTextTable(columns, rows, { width: 18, paint: plain }), [
    'Name       N  Word',
    '───────  ───  ────',
    'a-long-    1  HIGH',
    'name',
    '    more about it',
    '漢字     100',
  ]);
  assert.deepEqual(renderTextTable(columns, rows.slice(1), { width: 40, paint: paintWith(true) }), [
    '\u001b[1mName\u001b[22m    \u001b[1mN\u001b[22m  \u001b[1mWord\u001b[22m',
    '\u001b[2m────  ───  ────\u001b[22m',
    '漢字  100',
  ]);
});

test('renderTextTable() keeps every line within the width, if only its columns can', () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(fc.string({ unit: 'grapheme', maxLength: 40 }), { minLength: 3, maxLength: 3 })),
      (cells) => {
        const columns = ['A', 'B', 'C'].map((header) => ({ header, least: 2 }));
        const lines = renderTextTable(
          columns,
          cells.map((row) => ({ cells: row })),
          { width: 30, paint: plain },
        );
        for (const line of lines) {
          assert.ok(displayWidth(line) <= 30, line);
          assert.doesNotMatch(line, /[\n\u001b]| $/);
        }
      },
    ),
    { numRuns: 300 },
  );
});
