import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { known, loose, ways } from './admission-attack-list.ts';
import { places } from './admission-attack-places.ts';
import { providers } from './gatekeeper-attack-list.ts';

const root = join(import.meta.dirname, '..', '..');

for (const [title, attacks] of Object.entries({ known, loose, ways, providers, places })) {
  describe(`attacks on admission, ${title}`, () => {
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
