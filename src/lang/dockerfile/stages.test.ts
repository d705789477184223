import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { isSeaworthyError } from '../../base/error.ts';
import { parseDockerfile } from './parse-dockerfile.ts';
import { lineage, readStages, type Stage } from './stages.ts';

function stagesOf(source: string): Stage[] {
  return readStages(parseDockerfile(source));
}

test('readStages() finds stages, their names, and what they are built on', () => {
  const stages = stagesOf('FROM a AS One\nUSER u\nFROM b\nFROM one as two\nFROM TWO');
  assert.deepEqual(
    stages.map(({ name, base, parent }) => [name, base.text, parent?.index]),
    [
      ['one', 'a', undefined],
      [undefined, 'b', undefined],
      ['two', 'one', 0],
      [undefined, 'TWO', 2],
    ],
  );
  assert.deepEqual(
    lineage(stages[3] as Stage).map(({ index }) => index),
    [0, 2, 3],
  );
});

for (const [what, source, words] of [
  ['a default from before the first stage', 'ARG V=1\nFROM a:$V', ['a:1']],
  ['a default made of another', 'ARG V=1\nARG W=${V}.2\nFROM a:$W', ['a:1.2']],
  ['no default', 'ARG V\nFROM a:$V', ['a:${V}']],
  ['a default that a stage asks for', 'ARG V=1\nFROM a\nARG V\nUSER $V', ['a', '1']],
  ['no default that a stage does not ask for', 'ARG V=1\nFROM a\nUSER $V', ['a', '${V}']],
  ['a default of the stage', 'FROM a\nARG V=1\nUSER u$V', ['a', 'u1']],
  ['ENV before ARG', 'FROM a\nENV V=1\nARG V=2\nUSER $V', ['a', '1']],
  ['the older form of ENV', 'FROM a\nENV V "x" y\nUSER $V', ['a', 'x y']],
  ['ENV of the line before, and not of its own', 'FROM a\nENV V=1\nENV V=2 W=$V\nUSER $W', ['a', '1']],
  ['ENV of the stage below', 'FROM a AS b\nENV V=1\nARG W=2\nFROM b\nUSER $V$W', ['a', 'b', '1${W}']],
  ['what cannot be known', 'FROM a\nENV V=$PATH:/x\nUSER $V', ['a', '${V}']],
  ['a list of texts', 'FROM a\nENV V=1\nVOLUME ["/$V", "/\'x\'"]', ['a', '/1', "/'x'"]],
] as const) {
  test(`readStages() puts in ${what}`, () => {
    const found = stagesOf(source).flatMap(({ base, steps }) => [
      base.text,
      ...steps
        .filter(({ instruction }) => !['ENV', 'ARG'].includes(instruction.keyword))
        .flatMap((step) => step.words.map(({ text }) => text)),
    ]);
    assert.deepEqual(found, words);
  });
}

test('readStages() leaves what is put off out of the variables', () => {
  const [stage] = stagesOf('FROM a\nONBUILD ENV V=1\nUSER $V');
  assert.deepEqual(
    stage?.steps.map(({ onbuild, instruction, words }) => [onbuild, instruction.keyword, words[0]?.text]),
    [
      [true, 'ENV', 'V=1'],
      [false, 'USER', '${V}'],
    ],
  );
});

test('readStages() refuses a FROM of another form', () => {
  for (const line of ['FROM a b', 'FROM a AS', 'FROM a AS b c', 'FROM a # b']) {
    assert.throws(() => stagesOf(line), { message: /^Line 1 has a FROM that is neither/ }, line);
  }
});

for (const [what, source, commands] of [
  ['each on its line', 'RUN a && \\\n  b c && \\\n# x\n  d', ['2 a', '3 b c', '5 d']],
  ['of a list', 'RUN ["sh", "-c", \\\n "a"]', ['2 sh -c a', '2 a']],
  ['of a document', 'RUN <<E\na\nb \\\n c\nE', ['3 a', '4 b c']],
  ['of a document for a shell', 'RUN --network=none bash -ex <<E\na\nE', ['2 bash -ex', '3 a']],
  ['but not of a document for a file', 'RUN cat <<E > f\na\nE', ['2 cat']],
  ['but not of a document for another program', 'RUN <<E\n#!/usr/bin/env python3\na\nE', []],
  ['of a document that names its shell', 'RUN <<E\n#!/bin/bash\na\nE', ['4 a']],
] as const) {
  test(`runCommands() finds the commands ${what}`, () => {
    const [stage] = stagesOf(`FROM x\n${source}`);
    const found = stage?.steps[0]?.commands.map(({ words, lines }) => `${lines.start} ${words.join(' ')}`);
    assert.deepEqual(found, commands);
  });
}

test('readStages() ends in stages or a coded error, whatever it reads', () => {
  const piece = fc.constantFrom(
    'FROM a\n',
    'FROM a AS b\n',
    'FROM b\n',
    'RUN ',
    'ONBUILD ',
    'ENV ',
    'ARG ',
    'A=$A',
    '${A:-',
    '}',
    '\\\n',
    '<<E',
    '\nE\n',
    '"',
    "'",
    ' ',
    '\n',
    '$',
    'sudo ',
    '&&',
    '__proto__=x',
    '["a"]',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 80 }), (pieces) => {
      try {
        for (const stage of stagesOf(`FROM a\n${pieces.join('')}`)) assert.ok(lineage(stage).length > 0);
      } catch (error) {
        assert.ok(isSeaworthyError(error), String(error));
      }
    }),
    { numRuns: 2000 },
  );
});
