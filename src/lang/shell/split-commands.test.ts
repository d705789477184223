import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { isSeaworthyError } from '../../base/error.ts';
import { splitCommands, splitWordList } from './split-commands.ts';

const cases: readonly (readonly [script: string, ...commands: string[]])[] = [
  ['apt-get update && apt-get install -y curl', 'apt-get update', 'apt-get install -y curl'],
  ['a || b; c | d & e', 'a', 'b', 'c', 'd', 'e'],
  ['echo "a && b" \'c;d\' e\\;f', 'echo a && b c;d e;f'],
  ['DEBIAN_FRONTEND=noninteractive A="b c" apt-get install x', 'apt-get install x'],
  ['A=1'],
  ['(cd /x && make)', 'cd /x', 'make'],
  ['sh -c "a && b"', 'sh -c a && b', 'a', 'b'],
  ["/bin/bash -exc 'set -u; apk add x'", '/bin/bash -exc set -u; apk add x', 'set -u', 'apk add x'],
  ['sudo -u root apt-get install x', 'sudo -u root apt-get install x', 'apt-get install x'],
  ['env -i A=1 B=2 yum install x', 'env -i A=1 B=2 yum install x', 'yum install x'],
  ['cat list | xargs -n 1 apt-get install', 'cat list', 'xargs -n 1 apt-get install', 'apt-get install'],
  ['if [ -f a ]; then apk add b; else c; fi', '[ -f a ]', 'apk add b', 'c'],
  ['for p in a b; do apk add $p; done', 'apk add $p'],
  ['while ! curl x; do sleep 1; done', 'curl x', 'sleep 1'],
  ['x=$(curl -s y) && wget z', 'curl -s y', 'wget z'],
  ['echo `wget a` "$(curl b)"', 'echo `…` $(…)', 'wget a', 'curl b'],
  ['echo $((1 + 2)) ${A:-b c}', 'echo $(…) ${A:-b c}'],
  ['a > b 2>&1 < c d', 'a d'],
  ['echo 2 > b', 'echo 2'],
  ['a # b && c\nd', 'a', 'd'],
  ['a#b', 'a#b'],
  ['cat <<X >f\nsudo x\nX\nb', 'cat', 'b'],
  ['cat <<-"X Y"\n\tsudo\n\tX Y\nb', 'cat', 'b'],
  ['a \\\n  b', 'a b'],
  ['set -eux; { a; b; }', 'set -eux', 'a', 'b'],
  ['case $a in x) b;; *) c;; esac', 'b', 'c'],
  ['timeout 5 yum install x', 'timeout 5 yum install x', 'yum install x'],
  ['"if" x', 'if x'],
  [''],
];

for (const [script, ...commands] of cases) {
  test(`splitCommands() splits ${JSON.stringify(script)}`, () => {
    assert.deepEqual(
      splitCommands(script).map(({ words }) => words.join(' ')),
      commands,
    );
  });
}

test('splitCommands() says where commands stand, and which change nothing for what follows', () => {
  const script = 'cd a && (cd b) && sh -c "cd c" && x=$(cd d)';
  const cds = splitCommands(script).filter(({ words }) => words[0] === 'cd');
  assert.deepEqual(
    cds.map(({ inner }) => inner),
    [false, true, true, true],
  );
  assert.deepEqual(
    cds.map(({ start, end }) => script.slice(start, end)),
    ['cd a', 'cd b', 'sh -c "cd c"', 'cd d'],
  );
});

test('splitWordList() looks into what a shell is given', () => {
  const found = splitWordList(['sh', '-c', 'apk add x']);
  assert.deepEqual(
    found.map(({ words }) => words),
    [
      ['sh', '-c', 'apk add x'],
      ['apk', 'add', 'x'],
    ],
  );
  assert.deepEqual(splitWordList([]), []);
});

test('splitCommands() refuses what nests or repeats without end', () => {
  assert.throws(() => splitCommands('$('.repeat(200) + ')'.repeat(200)), /more than 12 deep/);
  assert.throws(() => splitCommands('sudo '.repeat(200)), /more than 12 deep/);
  assert.throws(() => splitCommands('a '.repeat(300_000)), /more than 200000 words/);
});

test('splitCommands() ends in commands or a coded error, whatever it reads', () => {
  const piece = fc.constantFrom(
    '"',
    "'",
    '\\',
    '`',
    '$(',
    ')',
    '(',
    '${',
    '}',
    '<<E',
    '\nE\n',
    '&&',
    '|',
    ';',
    '\n',
    '#',
    ' ',
    'a',
    'sudo ',
    'sh -c ',
    'if ',
    'for ',
    '>',
    '2>',
    'A=',
    'xargs ',
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(piece, { maxLength: 60 }).map((all) => all.join('')),
      ),
      (script) => {
        try {
          for (const { words, start, end } of splitCommands(script)) {
            assert.ok(words.length > 0 && start >= 0 && end <= script.length && start <= end);
          }
        } catch (error) {
          assert.ok(isSeaworthyError(error), String(error));
        }
      },
    ),
    { numRuns: 2000 },
  );
});
