import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { proxied } from './proxy-attack-list.ts';
import { known, more } from './registry-attack-list.ts';

const root = join(import.meta.dirname, '..', '..');

for (const [title, attacks] of Object.entries({ known, more, proxied })) {
  describe(`attacks on the registry, ${title}`, () => {
    for (const { id, what, tests } of attacks) {
      test(`${id}: ${what}`, () => {
        assert.equal(tests.length > 0, true);
        for (const [file, wanted] of tests) {
          const text = readFileSync(join(root, file), 'utf8');
          assert.equal(text.includes(wanted), true, `${file} has no test "${wanted}"`);
          assert.doesNotMatch(text, /\b(?:test|describe|it)\.(?:skip|todo|only)\(/, file);
        }
      });
    }
  });
}
