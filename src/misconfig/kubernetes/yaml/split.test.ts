import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { splitText } from './split.ts';

const cases: readonly (readonly [what: string, text: string, parts: readonly (readonly [string, number, number])[]])[] =
  [
    ['one document', 'a: 1\n', [['a: 1\n', 0, 1]]],
    ['one without a line break at its end', 'a: 1', [['a: 1', 0, 1]]],
    [
      'two documents',
      'a: 1\n---\nb: 2\n',
      [
        ['a: 1\n', 0, 1],
        ['---\nb: 2\n', 1, 3],
      ],
    ],
    ['dashes at the beginning', '---\na: 1\n', [['---\na: 1\n', 0, 2]]],
    [
      'comments and directives before the dashes',
      '# x\n%YAML 1.2\n\n---\na: 1\n',
      [['# x\n%YAML 1.2\n\n---\na: 1\n', 0, 5]],
    ],
    [
      'an empty document',
      '---\n---\na: 1\n',
      [
        ['---\n', 0, 1],
        ['---\na: 1\n', 1, 3],
      ],
    ],
    ['dashes in a text', 'a: |\n  ---\n  b\n', [['a: |\n  ---\n  b\n', 0, 3]]],
    ['a word of dashes', '----\n---x\n', [['----\n---x\n', 0, 2]]],
  ];

for (const [what, text, parts] of cases) {
  test(`splitText() cuts ${what}`, () => {
    const found = splitText(text, 10)?.map((part) => [part.text, part.above, part.lastLine]);
    assert.deepEqual(found, parts);
  });
}

test('splitText() loses nothing, and gives up beyond a number of parts', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('---', '\n', 'a: 1', '# x', '%Y', '\r\n', ' ')).map((each) => each.join('')),
      (text) => {
        assert.equal(
          splitText(text, 1000)
            ?.map((part) => part.text)
            .join(''),
          text,
        );
      },
    ),
  );
  assert.equal(splitText('---\n'.repeat(11), 11)?.length, 11);
  assert.equal(splitText('---\n'.repeat(12), 11), undefined);
});
