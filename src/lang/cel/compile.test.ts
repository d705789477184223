import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LangError } from '../error.ts';
import { compileCel } from './compile.ts';

const predicate = {
  builder: { id: 'https://github.com/actions/runner' },
  materials: [{ uri: 'git+https://github.com/org/repo' }, { uri: 'pkg:docker/base' }],
  count: 3,
};

test('compileCel() decides conditions', () => {
  for (const [text, answer] of [
    ['predicate.builder.id == "https://github.com/actions/runner"', true],
    ['predicate.builder.id.startsWith("https://gitlab.com/")', false],
    ['predicate.materials.exists(m, m.uri.startsWith("git+https://github.com/org/"))', true],
    ['predicate.materials.all(m, has(m.uri))', true],
    ['has(predicate.absent) && predicate.absent.x == 1', false],
    ['predicate.count > 2.0 && size(predicate.materials) == 2', true],
    ['true', true],
  ] as const) {
    assert.equal(compileCel(text, ['predicate'])({ predicate }), answer, text);
  }
});

test('compileCel() refuses what it cannot read, and variables that there are not', () => {
  for (const text of ['', 'predicate.', '1 +', 'predikate.x == 1', 'true &&', '"unclosed', 'unknown(1)']) {
    assert.throws(() => compileCel(text, ['predicate']), { code: 'SYNTAX' }, text);
  }
  assert.throws(() => compileCel(`${'!'.repeat(5000)}true`, []), LangError);
  assert.throws(() => compileCel(`${'('.repeat(5000)}true${')'.repeat(5000)}`, []), LangError);
  assert.throws(() => compileCel('1'.repeat(70_000), []), { code: 'LIMIT_EXCEEDED' });
});

test('a condition without an answer is an error, never true or false', () => {
  for (const text of [
    'predicate.absent == 1',
    'predicate.count',
    '"yes"',
    'predicate.materials[9].uri == ""',
    '1/0 == 1',
  ]) {
    assert.throws(() => compileCel(text, ['predicate'])({ predicate }), { code: 'EVALUATION' }, text);
  }
});

test('compileCel() survives any text', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[a-z0-9.()[\]"'!&|=<>+*, ]*$/)), (text) => {
      try {
        compileCel(text, ['predicate'])({ predicate });
      } catch (error) {
        assert.ok(error instanceof LangError, String(error));
      }
    }),
    { numRuns: 2000 },
  );
});
