import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';

const root = join(import.meta.dirname, '..', '..');

/** An attack that was or may be made, and the tests that make it here. */
export interface Attack {
  /** The advisory, or where the idea comes from. */
  readonly id: string;
  readonly what: string;
  /** A file, and the title of a test in it as its source has it. */
  readonly tests: readonly (readonly [file: string, title: string])[];
}

/** Registers a test for each attack, which fails when a test that makes it is not there or does not run. */
export function testAttacks(on: string, lists: Readonly<Record<string, readonly Attack[]>>): void {
  for (const [title, attacks] of Object.entries(lists)) {
    describe(`${on}, ${title}`, () => {
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
}
