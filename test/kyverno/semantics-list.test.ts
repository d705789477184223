import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { exactStyle, strictStyle } from '../../src/policy/kyverno/style.ts';
import { deviations, kept } from './semantics-list.ts';

const root = join(import.meta.dirname, '..', '..');
const page = readFileSync(join(root, 'docs', 'admission.md'), 'utf8').replaceAll(/\s+/g, ' ');

for (const [title, list] of Object.entries({ kept, deviations })) {
  describe(`how policies of Kyverno are read, ${title}`, () => {
    for (const { id, what, tests } of list) {
      test(`${id}: ${what}`, () => {
        assert.ok(tests.length > 0);
        for (const [file, wanted] of tests) {
          const text = readFileSync(join(root, file), 'utf8');
          assert.ok(text.includes(wanted), `${file} has no test "${wanted}"`);
          assert.doesNotMatch(text, /\b(?:test|describe|it)\.(?:skip|todo|only)\(/, file);
        }
      });
    }
  });
}

describe('what is read otherwise than by Kyverno', () => {
  for (const { id, said } of deviations) {
    test(`is said in the manual: ${id}`, () => assert.ok(page.includes(said.replaceAll(/\s+/g, ' ')), said));
  }
  test('is all that --kyverno-exact turns off', () => {
    const styles = deviations.flatMap(({ style }) => style ?? []).sort();
    assert.deepEqual(styles, Object.keys(strictStyle).sort());
    for (const style of styles) assert.notEqual(strictStyle[style], exactStyle[style], style);
  });
});
