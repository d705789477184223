import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { openMigrationPlace } from './migration/open-place.ts';
import { parseMigrationPage } from './migration/parse-page.ts';
import { runBefore, runHere } from './migration/run-row.ts';

const page = 'docs/from-trivy-cosign-kyverno.md';
const sections = parseMigrationPage(readFileSync(join(import.meta.dirname, '..', page), 'utf8'));

describe(page, { concurrency: 2 }, () => {
  for (const section of sections) {
    test(`what stands under "${section.heading}" works as it says`, async (t) => {
      await using place = await openMigrationPlace();
      await runBefore(place, section);
      for (const row of section.rows) await t.test(`line ${row.line}: ${row.here}`, () => runHere(place, row));
    });
  }
});

test('the page has every tool that it is named after, and no section of it is left out', () => {
  const programs = new Set(
    sections.flatMap(({ rows }) => rows.flatMap(({ today }) => today.map((line) => line.split(' ')[0]))),
  );
  for (const name of [
    'trivy',
    'grype',
    'syft',
    'cosign',
    'notation',
    'crane',
    'skopeo',
    'oras',
    'kyverno',
    'kubectl',
  ]) {
    assert.ok(programs.has(name), name);
  }
});

test('parseMigrationPage() reads commands, statuses and words, also of lines with a pipe', () => {
  const text = [
    '## One',
    '```sh',
    '# before',
    'touch a',
    '```',
    '```sh',
    'touch b',
    '```',
    '| Today | Here | Ends with | What differs |',
    '| --- | --- | --- | --- |',
    String.raw`| ${'`x`'}, ${'`y`'} | ${'`a \\| b`'} | 12 ${'`said`'}, there 1 | more |`,
    '| in words | `serve` | runs `ready` | |',
    '',
    '| Other | table |',
    '| --- | --- |',
    '| `a` | `b` |',
    '## Two',
  ].join('\n');
  assert.deepEqual(parseMigrationPage(text), [
    {
      heading: 'One',
      before: ['touch a'],
      rows: [
        { line: 11, today: ['x', 'y'], here: 'a | b', status: 12, there: 1, says: ['said'] },
        { line: 12, today: [], here: 'serve', status: undefined, there: undefined, says: ['ready'] },
      ],
    },
  ]);
  const head = '## A\n| Today | Here | Ends with | What differs |\n';
  assert.throws(() => parseMigrationPage(`${head}| x | none | 0 | |`), /Line 3 does not name one command/);
  assert.throws(() => parseMigrationPage(`${head}| x | \`a\` | well | |`), /Line 3 does not say how/);
  assert.throws(() => parseMigrationPage(`${head}| x | \`a\` | runs | |`), /Line 3 does not say what/);
});
