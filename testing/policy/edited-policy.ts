import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { compilePolicy } from '../../src/policy/compile.ts';
import { readPolicy } from '../../src/policy/seaworthy/read-policy.ts';

/**
 * Edits a policy line by line in ever new ways. What is read of it compiles, and else there are mistakes with their places; nothing is
 * thrown.
 *
 * @param fragments lines that are put in, besides random texts
 */
export async function assertReadsAny(whole: string, fragments: readonly string[], numRuns: number): Promise<void> {
  const lines = whole.split('\n');
  const edit = fc.record({
    at: fc.nat(lines.length - 1),
    text: fc.oneof(fc.string(), fc.constantFrom(...fragments)),
    how: fc.constantFrom('replace', 'insert', 'remove', 'cut'),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 4 }), async (edits) => {
      const text = [...lines];
      for (const { at, text: given, how } of edits) {
        if (how === 'cut') text[at] = (text[at] ?? '').slice(0, given.length);
        else text.splice(at, how === 'insert' ? 0 : 1, ...(how === 'remove' ? [] : [given]));
      }
      const reading = await readPolicy([{ file: 'f', text: text.join('\n') }]);
      if (reading.mistakes === undefined) compilePolicy(reading.policy);
      else assert.ok(reading.mistakes.every(({ line, column }) => line >= 1 && column >= 1));
    }),
    { numRuns },
  );
}
