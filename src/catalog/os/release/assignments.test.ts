import assert from 'node:assert/strict';
import test from 'node:test';
import { parseAssignments } from './assignments.ts';

test('parseAssignments() unquotes as a shell does', () => {
  const cases: readonly (readonly [string, string | undefined])[] = [
    ['A=debian', 'debian'],
    ['A="Debian GNU/Linux"', 'Debian GNU/Linux'],
    ['A=\'a "b" \\c\'', 'a "b" \\c'],
    ['A="say \\"hi\\" for \\$5 \\\\ \\`"', 'say "hi" for $5 \\ `'],
    ['A="keep \\n"', 'keep \\n'],
    ['A=a\\ b', 'a b'],
    ['A="a"b\'c\'', 'abc'],
    ['A=12 # comment', '12'],
    ['  A=12  \r', '12'],
    ['A=', ''],
    ['A=""', ''],
    ['A=1\nA=2', '2'],
    ['# A=1', undefined],
    ['A = 1', undefined],
    ['A="open', undefined],
    ['A="\nB=x', undefined],
    ['export', undefined],
    ['1A=x', undefined],
  ];
  for (const [text, expected] of cases) assert.equal(parseAssignments(text).get('A'), expected, text);
});

test('parseAssignments() keeps names of prototypes as ordinary ones', () => {
  assert.equal(parseAssignments('ID=x').get('constructor'), undefined);
  assert.equal(parseAssignments('__proto__=x').get('__proto__'), 'x');
});
