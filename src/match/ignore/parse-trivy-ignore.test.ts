import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { IgnoreError } from './error.ts';
import { ignoreLimits } from './limits.ts';
import { parseTrivyIgnore } from './parse-trivy-ignore.ts';

const march = Date.UTC(2025, 2, 1);

const table: readonly (readonly [
  what: string,
  text: string,
  rules: readonly (readonly [id: string, line: number, expiresAt?: number])[],
])[] = [
  ['nothing', '', []],
  ['comments and blank lines', '# why\n\n  # indented\n\t\n', []],
  ['an id', 'CVE-2024-1', [['CVE-2024-1', 1]]],
  [
    'ids around blanks, comments and either line end',
    '\uFEFFCVE-1\r\n# x\n\n  CVE-2\t\n',
    [
      ['CVE-1', 1],
      ['CVE-2', 4],
    ],
  ],
  ['a date', 'CVE-1 exp:2025-03-01', [['CVE-1', 1, march]]],
  ['a date after a comment', 'CVE-1 # until then exp:2025-03-01 or so', [['CVE-1', 1, march]]],
  ['a comment as no id', 'CVE-1 CVE-2', [['CVE-1', 1]]],
  ['an id without a space before its hash', 'CVE-1#x', [['CVE-1#x', 1]]],
  ['the first date', 'CVE-1 exp:2025-03-01 exp:2030-01-01', [['CVE-1', 1, march]]],
  [
    'an id twice',
    'CVE-1 exp:2025-03-01\nCVE-1',
    [
      ['CVE-1', 1, march],
      ['CVE-1', 2],
    ],
  ],
];

for (const [what, text, expected] of table) {
  test(`parseTrivyIgnore() reads ${what}`, () => {
    const { rules, warnings, source } = parseTrivyIgnore(text);
    assert.equal(source, '.trivyignore');
    assert.deepEqual(warnings, []);
    assert.deepEqual(
      rules.map(({ id, line, expiresAt }) => (expiresAt === undefined ? [id, line] : [id, line, expiresAt])),
      expected,
    );
    for (const rule of rules)
      assert.deepEqual([rule.scope, rule.paths, rule.purls, rule.statement], ['any', [], [], undefined]);
  });
}

test('parseTrivyIgnore() leaves out a line with a malformed date and says so', () => {
  const { rules, warnings } = parseTrivyIgnore('CVE-1\nCVE-2 exp:2025-02-30\nCVE-3 exp:\nCVE-4', 'team.ignore');
  assert.deepEqual(
    rules.map(({ id }) => id),
    ['CVE-1', 'CVE-4'],
  );
  assert.deepEqual(
    warnings.map(({ code, line }) => [code, line]),
    [
      ['IGNORE_DATE_INVALID', 2],
      ['IGNORE_DATE_INVALID', 3],
    ],
  );
  assert.match(warnings[0]?.message ?? '', /CVE-2.*exp:YYYY-MM-DD.*2025-02-30/);
});

test('parseTrivyIgnore() keeps control characters of a file out of its messages', () => {
  const { warnings } = parseTrivyIgnore('CVE-\u001b[2J exp:\u001b[31m');
  assert.equal(warnings.length, 1);
  assert.doesNotMatch(warnings[0]?.message ?? '', /\u001b/);
});

test('parseTrivyIgnore() bounds rules, characters, ids and warnings', () => {
  assert.throws(() => parseTrivyIgnore('x\n'.repeat(ignoreLimits.rules + 1)), { code: 'IGNORE_TOO_MANY_RULES' });
  assert.throws(() => parseTrivyIgnore('#'.repeat(ignoreLimits.characters + 1)), { code: 'IGNORE_TOO_LARGE' });
  assert.deepEqual(
    parseTrivyIgnore('x'.repeat(ignoreLimits.idLength + 1)).warnings.map(({ code }) => code),
    ['IGNORE_ID_INVALID'],
  );
  assert.equal(parseTrivyIgnore('x exp:y\n'.repeat(ignoreLimits.warnings + 9)).warnings.length, ignoreLimits.warnings);
});

test('parseTrivyIgnore() takes any text', () => {
  const word = fc.constantFrom('CVE-1', 'exp:', 'exp:2025-01-01', '#', ' ', '\n', '\r', '\u2028', '\0', '\ud800');
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.array(word).map((words) => words.join('')),
      ),
      (text) => {
        try {
          for (const { id } of parseTrivyIgnore(text).rules) assert.match(id, /^[^\s#]\S*$/);
        } catch (error) {
          assert.ok(error instanceof IgnoreError);
        }
      },
    ),
  );
});
