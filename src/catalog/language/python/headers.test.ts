import assert from 'node:assert/strict';
import test from 'node:test';
import { readHeaders } from './headers.ts';

const blocks: readonly (readonly [string, string, readonly (readonly [string, string])[]])[] = [
  [
    'stops at the first blank line',
    'Name: a\nVersion: 1\n\nName: b\n',
    [
      ['name', 'a'],
      ['version', '1'],
    ],
  ],
  [
    'knows CRLF',
    'Name: a\r\nVersion: 1\r\n\r\nName: b\r\n',
    [
      ['name', 'a'],
      ['version', '1'],
    ],
  ],
  [
    'joins folded lines',
    'License: one\n        two\n\tthree\nName: a\n',
    [
      ['license', 'one\ntwo\nthree'],
      ['name', 'a'],
    ],
  ],
  [
    'reads on after a folded blank line',
    'Summary: a\n        \nName: b\n',
    [
      ['summary', 'a\n'],
      ['name', 'b'],
    ],
  ],
  [
    'passes over stray lines',
    'License: one\ntwo (c) 1999\n* three\nName: a\n',
    [
      ['license', 'one'],
      ['name', 'a'],
    ],
  ],
  [
    'takes colons in values',
    'Project-URL: Home, https://example.org\n',
    [['project-url', 'Home, https://example.org']],
  ],
  ['skips a byte-order mark', '\uFEFFName: a\n', [['name', 'a']]],
  [
    'needs no final line end',
    'Name: a\nVersion: 1',
    [
      ['name', 'a'],
      ['version', '1'],
    ],
  ],
  ['ignores folding before any field', '  x\nName: a\n', [['name', 'a']]],
  ['finds nothing behind a leading blank line', '\nName: a\n', []],
];

for (const [what, text, expected] of blocks) {
  test(`readHeaders() ${what}`, () => {
    assert.deepEqual(
      readHeaders(Buffer.from(text)).map(({ name, value }) => [name, value]),
      expected,
    );
  });
}

test('readHeaders() reads at most a megabyte', () => {
  const fields = readHeaders(Buffer.from(`Name: a\nSummary: ${'x'.repeat(2 * 1024 * 1024)}\nVersion: 1\n`));
  assert.deepEqual(
    fields.map(({ name }) => name),
    ['name', 'summary'],
  );
});
