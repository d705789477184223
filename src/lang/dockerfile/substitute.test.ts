import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { dockerfileLimits } from './limits.ts';
import { substitute } from './substitute.ts';

const values = new Map([
  ['A', 'one'],
  ['B', 'two words'],
  ['E', ''],
]);
const get = (name: string): string | undefined => values.get(name);

const cases: readonly (readonly [source: string, text: string, open?: 'open' | 'ends open'])[] = [
  ['plain', 'plain'],
  ['$A/${A}x', 'one/onex'],
  ['"$A b" \'$A\'', 'one b $A'],
  ['\\$A "\\$A" \\"', '$A $A "'],
  ['"C:\\x"', 'C:\\x'],
  ['${N:-d} ${A:-d} ${E:-d} ${E-d}', 'd one d '],
  ['${N:+d}${A:+d}${E:+d}${E+d}', 'dd'],
  ['${N:-${A}-${N:-x}}', 'one-x'],
  ['${N:-"a}b"}', 'ab}'],
  ['a:$N', 'a:${N}', 'ends open'],
  ['$N/a', '${N}/a', 'open'],
  ['${N:-}', ''],
  ['${N:-$M}', '${M}', 'ends open'],
  ['${A#o}', '${A}', 'ends open'],
  ['${A:?e}x', '${A}x', 'open'],
  ['$ ${} $-', '$ ${} $-'],
  ['${A', '${A}', 'ends open'],
  ['${A:-b', 'one'],
  ['"unclosed $A', 'unclosed one'],
];

for (const [source, text, open] of cases) {
  test(`substitute() makes of ${JSON.stringify(source)} ${JSON.stringify(text)}`, () => {
    assert.deepEqual(substitute(source, get, '\\'), {
      text,
      open: open !== undefined,
      endsOpen: open === 'ends open',
    });
  });
}

test('substitute() goes by the escape of the file', () => {
  assert.equal(substitute('C:\\`$A\\$A', get, '`').text, 'C:\\$A\\one');
});

test('substitute() never makes more than it may, nor fails', () => {
  const long = (): string => 'x'.repeat(60_000);
  assert.deepEqual(substitute('$A$A', long, '\\'), { text: long(), open: true, endsOpen: true });
  const piece = fc.constantFrom('$', '{', '}', '${A', ':-', ':+', '"', "'", '\\', 'A', '${N:-');
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(piece).map((all) => all.join('')),
      ),
      (source) => {
        const { text, open, endsOpen } = substitute(source, get, '\\');
        assert.ok(text.length <= dockerfileLimits.substituted);
        assert.ok(open || !endsOpen);
      },
    ),
    { numRuns: 2000 },
  );
  assert.ok(substitute('${N:-'.repeat(1000), get, '\\').open);
});
