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

/** As JSON has them: an int or a double is all the same there. */
const numbers = { seven: 7, score: 7.5, zero: -0, big: 2 ** 60, list: [1, 2, 3.5], map: { a: 1 } };

test('compileCel() compares numbers of all types by their value', () => {
  for (const [text, answer] of [
    // Each pair of types, both ways round.
    ['1 == 1.0 && 1.0 == 1 && 1 != 1.5 && 1.5 != 1', true],
    ['1 == 1u && 1u == 1 && 2 != 1u && 1u != -1', true],
    ['1u == 1.0 && 1.0 == 1u && 1u != 1.5 && 1.5 != 1u', true],
    ['7.5 > 7 && 7 < 7.5 && 7.0 >= 7 && 7 <= 7.0', true],
    ['2u < 3 && 3 > 2u && 2u <= 2 && 2 >= 2u && -1 < 0u', true],
    ['2u < 2.5 && 2.5 > 2u && 2u <= 2.0 && -0.5 < 0u', true],
    // What JSON brings is a double, whatever it looks like.
    ['n.score > 7 && n.score < 8 && n.score > 7u', true],
    ['n.seven == 7 && n.seven == 7u && 7 == n.seven && n.seven != 8', true],
    ['n.seven > 7 || n.seven < 7', false],
    ['n.zero == 0 && n.zero >= 0u', true],
    ['n.seven in [7, 8] && 1 in n.list && 3.5 in n.list', true],
    ['3 in n.list', false],
    ['n.list == [1, 2, 3.5] && n.map == {"a": 1} && n.list[0] == 1', true],
    ['n.list.exists(x, x > 3) && n.list.all(x, x >= 1)', true],
    ['size(n.list) == 3 && size(n.list) > 2.5', true],
    ['dyn(1) == 1.0 && dyn(1u) == 1 && dyn(1.0) == dyn(1u)', true],
    // Exactly, where a double could not tell two ints apart.
    ['9007199254740993 == 9007199254740992.0', false],
    ['9007199254740993 > 9007199254740992.0', true],
    ['n.big + 0.0 == 1152921504606846976 && n.big < 1152921504606846977', true],
    ['9223372036854775807 == 9223372036854775808.0', false],
    ['18446744073709551615u > 9223372036854775807 && 18446744073709551615u < 18446744073709551616.0', true],
    // NaN is neither less, nor equal, nor more.
    ['double("NaN") == 1 || double("NaN") < 1 || double("NaN") > 1 || double("NaN") == double("NaN")', false],
    ['double("Infinity") > 9223372036854775807', true],
    // Conversions.
    ['int(7.9) == 7 && int(-7.9) == -7 && int(n.score) == 7 && int("12") == 12 && int(5u) == 5', true],
    ['uint(5) == 5 && uint(n.seven) == 7u && double(5) == 5 && double(5u) == 5', true],
  ] as const) {
    assert.equal(compileCel(text, ['n'])({ n: numbers }), answer, text);
  }
});

test('compileCel() does not turn one type into another where the language does not', () => {
  for (const text of ['1 == "1"', '1 < "2"', '1 == true', '1 + 1.0 == 2.0', '1u + 1 == 2']) {
    assert.throws(() => compileCel(text, []), { code: 'SYNTAX' }, text);
  }
  for (const text of ['n.seven + 1 == 8', 'n.seven > "6"', 'int(18446744073709551615u) > 0', 'int("x") == 0']) {
    assert.throws(() => compileCel(text, ['n'])({ n: numbers }), { code: 'EVALUATION' }, text);
  }
  // Equality has an answer for any two values that are known only when the condition is asked.
  assert.equal(compileCel('n.seven == "7" || n.seven == true', ['n'])({ n: numbers }), false);
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
