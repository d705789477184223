import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { IgnoreError } from './error.ts';
import { ignoreLimits } from './limits.ts';
import { parseTrivyIgnoreYaml } from './parse-trivy-ignore-yaml.ts';

const whole = `# accepted by the team
vulnerabilities:
  - id: CVE-2022-40897
    paths:
      - "usr/local/lib/python3.9/site-packages/setuptools-58.1.0.dist-info/METADATA"
      - '**/*.jar'
    statement: Accept the risk
  - id: CVE-2023-2650
    purls: [ "pkg:deb/debian/openssl", 'pkg:npm/%40a/b@1.0.0' ]
    expired_at: 2025-03-01
misconfigurations:
  - id: AVD-DS-0001
secrets:
  - id: aws-access-key-id
    paths: ["foo/**"]
licenses:
  - id: GPL-3.0
`;

test('parseTrivyIgnoreYaml() reads every list and every field', async () => {
  const { source, rules, warnings } = await parseTrivyIgnoreYaml(whole);
  assert.equal(source, '.trivyignore.yaml');
  assert.deepEqual(warnings, []);
  assert.deepEqual(
    rules.map(({ paths, purls, ...rest }) => ({
      ...rest,
      paths: paths.map(({ pattern }) => pattern),
      purls: purls.map(({ name }) => name),
    })),
    [
      {
        scope: 'vulnerability',
        id: 'CVE-2022-40897',
        paths: ['usr/local/lib/python3.9/site-packages/setuptools-58.1.0.dist-info/METADATA', '**/*.jar'],
        purls: [],
        statement: 'Accept the risk',
        line: 3,
      },
      {
        scope: 'vulnerability',
        id: 'CVE-2023-2650',
        paths: [],
        purls: ['openssl', 'b'],
        expiresAt: Date.UTC(2025, 2, 1),
        line: 8,
      },
      { scope: 'misconfiguration', id: 'AVD-DS-0001', paths: [], purls: [], line: 12 },
      { scope: 'secret', id: 'aws-access-key-id', paths: ['foo/**'], purls: [], line: 14 },
      { scope: 'license', id: 'GPL-3.0', paths: [], purls: [], line: 17 },
    ],
  );
});

const accepted: readonly (readonly [what: string, text: string, ids: readonly string[]])[] = [
  ['an empty file', '', []],
  ['a comment', '# nothing\n', []],
  ['null', '~', []],
  ['an empty list', 'vulnerabilities:\n', []],
  [
    'fields without a value',
    'vulnerabilities:\n- id: a\n  paths:\n  purls: null\n  expired_at: ~\n  statement:\n',
    ['a'],
  ],
  ['JSON', '{"vulnerabilities": [{"id": "a"}]}', ['a']],
  ['numbers as the texts that they are', 'vulnerabilities: [{id: 0123}]', ['0123']],
  ['aliases', 'vulnerabilities: &all [{id: a}, {id: b}]\nsecrets: *all\n', ['a', 'b', 'a', 'b']],
  ['merge keys', 'vulnerabilities:\n- &a {id: a, statement: x}\n- {<<: *a, id: b}\n', ['a', 'b']],
  ['line ends of any kind', 'vulnerabilities:\r\n- id: a\r\n- id: b\r\n', ['a', 'b']],
];

for (const [what, text, ids] of accepted) {
  test(`parseTrivyIgnoreYaml() takes ${what}`, async () => {
    const { rules, warnings } = await parseTrivyIgnoreYaml(text);
    assert.deepEqual(
      rules.map(({ id }) => id),
      ids,
    );
    assert.deepEqual(warnings, []);
  });
}

test('parseTrivyIgnoreYaml() lets a merged statement through', async () => {
  const { rules } = await parseTrivyIgnoreYaml('vulnerabilities:\n- &a {id: a, statement: x}\n- {<<: *a, id: b}\n');
  assert.deepEqual(
    rules.map(({ statement }) => statement),
    ['x', 'x'],
  );
});

test('parseTrivyIgnoreYaml() warns of unknown keys and of rules without an id, and uses the rest', async () => {
  const text =
    'vulnerability:\n- id: x\nvulnerabilities:\n- id: a\n  until: 2025-01-01\n- statement: b\n- id: ""\n- id: c\n__proto__: 1\n';
  const { rules, warnings } = await parseTrivyIgnoreYaml(text);
  assert.deepEqual(
    rules.map(({ id }) => id),
    ['a', 'c'],
  );
  assert.deepEqual(
    warnings.map(({ code, line }) => [code, line]),
    [
      ['IGNORE_KEY_UNKNOWN', 1],
      ['IGNORE_KEY_UNKNOWN', 5],
      ['IGNORE_ID_INVALID', 6],
      ['IGNORE_ID_INVALID', 7],
      ['IGNORE_KEY_UNKNOWN', 9],
    ],
  );
});

const rule = (fields: string): string => `vulnerabilities:\n- id: a\n  ${fields}\n`;

const refused: readonly (readonly [what: string, text: string, code: string, line: number | undefined])[] = [
  ['what is no YAML', 'vulnerabilities: [', 'IGNORE_YAML_SYNTAX', 1],
  ['a tab as indentation', 'vulnerabilities:\n\t- id: a', 'IGNORE_YAML_SYNTAX', 2],
  ['an unknown alias', 'vulnerabilities: *a', 'IGNORE_YAML_SYNTAX', 1],
  ['an alias inside its own anchor', 'vulnerabilities: &a [*a]', 'IGNORE_YAML_SYNTAX', 1],
  ['a list', '- id: a', 'IGNORE_YAML_SHAPE', 1],
  ['a text', 'CVE-2024-1', 'IGNORE_YAML_SHAPE', 1],
  ['two documents', 'vulnerabilities: []\n---\nvulnerabilities: []', 'IGNORE_YAML_SHAPE', undefined],
  ['a key twice', 'vulnerabilities: []\nvulnerabilities: []', 'IGNORE_YAML_SHAPE', 2],
  ['a list as a key', '[a]: b', 'IGNORE_YAML_SHAPE', 1],
  ['rules that are no list', 'vulnerabilities:\n  id: a', 'IGNORE_YAML_SHAPE', 2],
  ['a rule that is a text', 'vulnerabilities:\n- CVE-1', 'IGNORE_YAML_SHAPE', 2],
  ['paths that are a text', rule('paths: a'), 'IGNORE_YAML_SHAPE', 3],
  ['a path that is a list', rule('paths: [[a]]'), 'IGNORE_YAML_SHAPE', 3],
  ['a path that is null', rule('paths: [~]'), 'IGNORE_YAML_SHAPE', 3],
  ['an id that is a list', 'vulnerabilities:\n- id: [a]', 'IGNORE_YAML_SHAPE', 2],
  ['a malformed path', rule('paths: ["[a"]'), 'IGNORE_PATH_INVALID', 3],
  ['a malformed purl', rule('purls: ["deb/tar"]'), 'IGNORE_PURL_INVALID', 3],
  ['a malformed date', rule('expired_at: 2025-02-30'), 'IGNORE_DATE_INVALID', 3],
  ['a date that is a list', rule('expired_at: [2025-02-28]'), 'IGNORE_YAML_SHAPE', 3],
  ['deep nesting', `vulnerabilities: ${'['.repeat(50)}${']'.repeat(50)}`, 'IGNORE_YAML_SYNTAX', 1],
];

for (const [what, text, code, line] of refused) {
  test(`parseTrivyIgnoreYaml() refuses ${what}${line === undefined ? '' : ' and names the line'}`, async () => {
    await assert.rejects(parseTrivyIgnoreYaml(text, 'x.yaml'), (error: unknown) => {
      assert.ok(error instanceof IgnoreError);
      assert.equal(error.code, code);
      assert.match(error.message, line === undefined ? /^x\.yaml / : new RegExp(`^x\\.yaml:${line}: `));
      return true;
    });
  });
}

test('parseTrivyIgnoreYaml() bounds what aliases make of a small file', async () => {
  const paths = `[${Array.from({ length: 900 }, () => 'a').join(', ')}]`;
  const rules = Array.from({ length: 150 }, () => '- {id: a, paths: *p}').join('\n');
  await assert.rejects(parseTrivyIgnoreYaml(`x: &p ${paths}\nvulnerabilities:\n${rules}`), {
    code: 'IGNORE_TOO_MANY_RULES',
  });

  const many = `x: &a 1\ny: [${'*a, '.repeat(ignoreLimits.aliases + 1)}]`;
  await assert.rejects(parseTrivyIgnoreYaml(many), { code: 'IGNORE_TOO_MANY_ALIASES' });

  const laughs = Array.from(
    { length: 9 },
    (_, index) =>
      `a${index}: &a${index} [${Array.from({ length: 9 }, () => (index === 0 ? 'x' : `*a${index - 1}`)).join(', ')}]`,
  );
  const { rules: none, warnings } = await parseTrivyIgnoreYaml(laughs.join('\n'));
  assert.deepEqual([none.length, warnings.length], [0, 9]);
});

test('parseTrivyIgnoreYaml() bounds rules, keys, characters and patterns', async () => {
  await assert.rejects(parseTrivyIgnoreYaml(`vulnerabilities:\n${'- id: a\n'.repeat(ignoreLimits.rules + 1)}`), {
    code: 'IGNORE_TOO_MANY_RULES',
  });
  await assert.rejects(parseTrivyIgnoreYaml('#'.repeat(ignoreLimits.characters + 1)), { code: 'IGNORE_TOO_LARGE' });
  const keys = Array.from({ length: ignoreLimits.keys + 1 }, (_, index) => `k${index}: 1`).join('\n');
  await assert.rejects(parseTrivyIgnoreYaml(keys), { code: 'IGNORE_YAML_SHAPE' });
  const globs = Array.from({ length: 40 }, (_, index) => `"${'{a,b}'.repeat(8)}${index}${'c'.repeat(400)}"`).join(', ');
  await assert.rejects(parseTrivyIgnoreYaml(rule(`paths: [${globs}]`)), { code: 'IGNORE_TOO_MANY_RULES' });
});

test('parseTrivyIgnoreYaml() ends in rules or a coded error, whatever the text', async () => {
  const word = fc.constantFrom(
    'vulnerabilities', 'secrets', 'id', 'paths', 'purls', 'expired_at', 'statement', '<<',
    ': ', ':', '- ', '\n', '\n  ', '[', ']', '{', '}', ', ', '&a ', '*a', '"', "'", '|', '>', '---', '...', '!!binary ', '%', '2025-01-01', 'pkg:npm/a', '**', '\t', '\ud800', '\0',
  ); // prettier-ignore
  const edited = fc
    .tuple(fc.nat(whole.length), fc.nat(12), fc.array(word, { maxLength: 3 }))
    .map(([at, cut, words]) => {
      return whole.slice(0, at) + words.join('') + whole.slice(at + cut);
    });
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(word).map((words) => words.join('')),
    edited,
  );
  await fc.assert(
    fc.asyncProperty(text, async (each) => {
      try {
        const { rules } = await parseTrivyIgnoreYaml(each);
        for (const { id, line } of rules) assert.ok(id !== '' && line >= 1);
      } catch (error) {
        assert.ok(error instanceof IgnoreError, String(error));
      }
    }),
    { numRuns: 200 },
  );
});
