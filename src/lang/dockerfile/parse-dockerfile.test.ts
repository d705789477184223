import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { isSeaworthyError } from '../../base/error.ts';
import { lineAt } from './instruction.ts';
import { dockerfileLimits } from './limits.ts';
import { parseDockerfile } from './parse-dockerfile.ts';

function brief(source: string): string[] {
  return parseDockerfile(source).instructions.map(({ keyword, start, end, rest }) =>
    [`${start}-${end}`, keyword, rest.text].join(' ').trimEnd(),
  );
}

const readable: readonly (readonly [what: string, source: string, expected: readonly string[]])[] = [
  ['keywords of any case', 'from a\nruN b', ['1-1 FROM a', '2-2 RUN b']],
  ['lines that go on', 'FROM a\nRUN b \\\n  && c \\  \n  && d', ['1-1 FROM a', '2-4 RUN b   && c   && d']],
  [
    'comments and empty lines within an instruction',
    'FROM a\nRUN b \\\n# c\n\n   # d\n  e\nUSER f',
    ['1-1 FROM a', '2-6 RUN b   e', '7-7 USER f'],
  ],
  ['an escape that is escaped', 'FROM a\nRUN b \\\\\nUSER c', ['1-1 FROM a', '2-2 RUN b \\\\', '3-3 USER c']],
  [
    'another escape',
    '# syntax=docker/dockerfile:1\n# escape=`\nFROM a\nWORKDIR C:\\\nRUN b `\n c',
    ['3-3 FROM a', '4-4 WORKDIR C:\\', '5-6 RUN b  c'],
  ],
  ['no directive after a comment', '# x\n# escape=`\nFROM a\nRUN b \\\nc', ['3-3 FROM a', '4-5 RUN b c']],
  ['a directive of another name as a comment', '# vim=x\n# escape=`\nFROM a', ['3-3 FROM a']],
  ['an instruction that goes on to the end', 'FROM a\nRUN b \\', ['1-1 FROM a', '2-2 RUN b']],
  ['a byte order mark and line ends of Windows', '\uFEFFFROM a\r\nRUN b \\\r\n c\r\n', ['1-1 FROM a', '2-3 RUN b  c']],
  ['arguments before the first stage', 'ARG a=1\nFROM x:$a', ['1-1 ARG a=1', '2-2 FROM x:$a']],
  ['a hash within a line as text', 'FROM a\nRUN b # c', ['1-1 FROM a', '2-2 RUN b # c']],
  ['a keyword that is cut in two', 'FR\\\nOM a', ['1-2 FROM a']],
  [
    'documents',
    'FROM a\nRUN <<EOF\nb\n# c\nEOF\nCOPY <<"X" <<-Y /d\n$e\nX\n\tf\n\tY\nUSER g',
    ['1-1 FROM a', '2-5 RUN <<EOF', '6-10 COPY <<"X" <<-Y /d', '11-11 USER g'],
  ],
  [
    'no document in quotes',
    'FROM a\nRUN echo "<<EOF" \\<<EOF a<<EOF',
    ['1-1 FROM a', '2-2 RUN echo "<<EOF" \\<<EOF a<<EOF'],
  ],
  ['no document where there are none', 'FROM a\nENV x=<<EOF', ['1-1 FROM a', '2-2 ENV x=<<EOF']],
];

for (const [what, source, expected] of readable) {
  test(`parseDockerfile() reads ${what}`, () => assert.deepEqual(brief(source), expected));
}

test('parseDockerfile() reads documents, their quoting and their lines', () => {
  const [, run, copy] = parseDockerfile(
    'FROM a\nRUN <<EOF\nb\n\nEOF\nCOPY <<"X" <<-Y /d\n$e\nX\n\tf\n\tY',
  ).instructions;
  assert.deepEqual(run?.heredocs, [{ name: 'EOF', expand: true, body: 'b\n\n', line: 3 }]);
  assert.deepEqual(copy?.heredocs, [
    { name: 'X', expand: false, body: '$e\n', line: 7 },
    { name: 'Y', expand: true, body: 'f\n', line: 9 },
  ]);
});

test('parseDockerfile() reads flags', () => {
  const [, copy, run] = parseDockerfile(
    'FROM a\nCOPY --from=b --chmod="0 1" --link -- --c /d\nRUN --mount=type=secret,id=x \\\n --network=none e --f',
  ).instructions;
  assert.deepEqual(copy?.flags, [{ name: 'from', value: 'b' }, { name: 'chmod', value: '0 1' }, { name: 'link' }]);
  assert.equal(copy?.rest.text, '--c /d');
  assert.deepEqual(run?.flags, [
    { name: 'mount', value: 'type=secret,id=x' },
    { name: 'network', value: 'none' },
  ]);
  assert.equal(run?.rest.text, 'e --f');
});

test('parseDockerfile() reads lists of texts, and only where they are', () => {
  const source =
    'FROM a\nCMD ["b", "c d"]\nRUN [ "e" ]\nHEALTHCHECK --interval=1s CMD ["f"]\nRUN [ -f g ]\nCMD ["h", 1]\nCOPY ["a b", \\\n "/c"]\nENV ["x"]';
  assert.deepEqual(
    parseDockerfile(source).instructions.map(({ json }) => json),
    [undefined, ['b', 'c d'], ['e'], ['f'], undefined, undefined, ['a b', '/c'], undefined],
  );
});

test('parseDockerfile() reads what is put off', () => {
  const [, trigger] = parseDockerfile('FROM a\nonbuild run --network=none <<E\nx\nE').instructions;
  assert.equal(trigger?.keyword, 'ONBUILD');
  assert.equal(trigger?.onbuild?.keyword, 'RUN');
  assert.deepEqual([trigger?.start, trigger?.end, trigger?.onbuild?.end], [2, 4, 4]);
  assert.equal(trigger?.onbuild?.heredocs[0]?.body, 'x\n');
});

test('lineAt() finds the line of a place', () => {
  const [, run] = parseDockerfile('FROM a\nRUN --network=none \\\n  bb \\\n# x\n  cc\n').instructions;
  assert.ok(run);
  assert.equal(lineAt(run.rest, run.rest.text.indexOf('bb')), 3);
  assert.equal(lineAt(run.rest, run.rest.text.indexOf('cc')), 5);
});

for (const [what, source, message] of [
  ['a word that is no instruction', 'FROM a\nRUM b', /^Line 2 begins with "RUM", which is no instruction$/],
  ['a template', '{{ x }}\nFROM a', /^Line 1 begins with "\{\{"/],
  ['a file without a stage', '# nothing\n', /^The file has no FROM/],
  ['an instruction before the first stage', 'RUN a\nFROM b', /^Line 1 has RUN before the first FROM$/],
  ['a document without an end', 'FROM a\nRUN <<EOF\nb', /^Line 2 begins a document that no line "EOF" ends$/],
  ['an escape that is none', '# escape=x\nFROM a', /^Line 1 has an escape/],
  [
    'a directive that stands twice',
    '# escape=`\n# ESCAPE=`\nFROM a',
    /^Line 2 has the directive escape a second time$/,
  ],
  ['an instruction without a word', 'FROM\n', /^Line 1 has FROM and nothing after it$/],
  ['what is put off twice', 'FROM a\nONBUILD ONBUILD RUN b', /^Line 2 puts off/],
  ['a file that is too long', 'x'.repeat(dockerfileLimits.characters + 1), /^The file has more than \d+ characters$/],
  ['too many lines', '\n'.repeat(dockerfileLimits.lines), /^The file has more than \d+ lines$/],
  [
    'too many instructions',
    `FROM a\n${'USER b\n'.repeat(dockerfileLimits.instructions)}`,
    /^The file has more than \d+ instructions$/,
  ],
  [
    'too many documents',
    `FROM a\nRUN ${'<<E '.repeat(dockerfileLimits.heredocs + 1)}`,
    /^An instruction has more than/,
  ],
] as const) {
  test(`parseDockerfile() refuses ${what}`, () => assert.throws(() => parseDockerfile(source), { message }));
}

test('parseDockerfile() ends in instructions or a coded error, whatever it reads', () => {
  const piece = fc.constantFrom(
    'FROM a\n',
    'RUN ',
    'COPY ',
    'ONBUILD ',
    'ENV ',
    '\\\n',
    '`\n',
    '<<E',
    '\nE\n',
    '# escape=`\n',
    '#',
    '"',
    "'",
    '--from=',
    '[',
    '"x"]',
    ' ',
    '\n',
    '\r\n',
    '$',
    'x',
    '\t',
    '\0',
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(piece, { maxLength: 60 }).map((all) => all.join('')),
      ),
      (tail) => {
        for (const source of [tail, `FROM a\n${tail}`]) {
          try {
            const lines = source.split('\n').length;
            let last = 0;
            for (const { start, end, rest } of parseDockerfile(source).instructions) {
              assert.ok(start > last && end >= start && end <= lines);
              for (const each of rest.starts) assert.ok(each.line >= start && each.line <= end);
              last = end;
            }
          } catch (error) {
            assert.ok(isSeaworthyError(error), String(error));
          }
        }
      },
    ),
    { numRuns: 2000 },
  );
});
