import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { memberLines } from './member-lines.ts';

test('memberLines() finds members of an object by name, and elements of an array by index', () => {
  const text = `{
  "other": { "packages": { "no": {} } },
  "packages": { "a": { "deep": [
      1, "}" ] }, "b\\n\\"": {
    },
    "c": 1 },
  "list": [ 1, {}, "x,]",
    { "packages": {} } ]
}`;
  assert.deepEqual(
    [...memberLines(text, ['packages'])],
    [
      ['a', { start: 3, end: 4 }],
      ['b\n"', { start: 4, end: 5 }],
    ],
  );
  assert.deepEqual(
    [...memberLines(text, ['list'])],
    [
      ['1', { start: 7, end: 7 }],
      ['3', { start: 8, end: 8 }],
    ],
  );
  assert.deepEqual(
    [...memberLines(text, [])].map(([name]) => name),
    ['other', 'packages', 'list'],
  );
  assert.deepEqual([...memberLines(text, ['absent'])], []);
});

test('memberLines() finds all object members of any JSON, in lines that hold them', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 })), (document) => {
      const text = JSON.stringify({ top: document }, null, 1);
      const lines = memberLines(text, ['top']);
      const parsed = (JSON.parse(text) as { top: Record<string, unknown> }).top;
      const nested = Object.entries(parsed).filter(([, value]) => typeof value === 'object' && value !== null);
      assert.deepEqual([...lines.keys()].sort(), nested.map(([name]) => name).sort());
      for (const [name, { start, end }] of lines) {
        const part = text
          .split('\n')
          .slice(start - 1, end)
          .join('\n')
          .replace(/,$/, '');
        assert.deepEqual(JSON.parse(`{${part}}`)[name], parsed[name]);
      }
    }),
  );
});

test('memberLines() ends on what is no JSON', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('"', '\\', '{', '}', '[', ']', ':', ',', '\n', 'a') }),
      (text) => void memberLines(text, ['a']),
    ),
  );
});
