import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { SignerChoice, SignerSet } from '../../model.ts';
import { isMet } from './is-met.ts';
import { signerNamesOf } from './names.ts';

function of(atLeast: number, ...signers: SignerChoice[]): SignerSet {
  return { signers, atLeast };
}

/** Signers who each have a key of their own, but for two who share one. */
const keys = new Map([
  ['a', ['k1']],
  ['b', ['k2']],
  ['c', ['k3', 'k1']],
  ['twin', ['k1']],
]);

const cases: readonly (readonly [what: string, set: SignerSet, met: boolean, open?: string])[] = [
  ['one of two', of(1, 'a', 'x'), true],
  ['two of two, of whom one is not there', of(2, 'a', 'x'), false],
  ['two who are one', of(2, 'a', 'twin'), false],
  ['two who are one, where that is let pass', { ...of(2, 'a', 'twin'), distinct: false }, true],
  ['one who has another key as well', of(2, 'a', 'c'), true],
  ['three with two keys between them', of(3, 'a', 'twin', 'c'), false],
  ['a set as one of two', of(2, 'b', of(1, 'a', 'x')), true],
  ['a set that is not met', of(2, 'b', of(2, 'a', 'x')), false],
  ['one of two sets', of(1, of(2, 'a', 'x'), of(2, 'a', 'b')), true],
  ['two sets that need the same key', of(2, of(1, 'a'), of(1, 'twin')), false],
  ['two sets, of which one can give way', of(2, of(1, 'a', 'b'), of(1, 'a')), true],
  ['the same signer in two sets', of(2, of(1, 'a'), of(1, 'a')), false],
  ['the same signer in two sets, with a key for each', of(2, of(1, 'c'), of(1, 'c')), true],
  ['sets within sets', of(1, of(2, of(1, 'x', 'a'), of(1, 'b', of(2, 'x', 'c')))), true],
  ['what is not known, as one of two', of(2, 'a', 'x'), true, 'x'],
  ['what is not known, where it is not enough', of(3, 'a', 'x', 'y'), false, 'x'],
  ['what is not known, within a set', of(2, 'twin', of(1, 'a', 'x')), true, 'x'],
];

for (const [what, set, met, open] of cases) {
  test(`isMet() is ${met} for ${what}`, () => {
    assert.equal(isMet(set, keys, new Set(open === undefined ? [] : [open])), met);
  });
}

const names = ['a', 'b', 'c', 'd', 'e'];

const setOf = (depth: number): fc.Arbitrary<SignerSet> =>
  fc
    .array(depth === 0 ? fc.constantFrom(...names) : fc.oneof(fc.constantFrom(...names), setOf(depth - 1)), {
      minLength: 1,
      maxLength: 3,
    })
    .chain((signers) => fc.record({ signers: fc.constant(signers), atLeast: fc.integer({ min: 1, max: 3 }) }));

const credentials = fc
  .dictionary(fc.constantFrom(...names), fc.subarray(['k1', 'k2', 'k3'], { minLength: 1 }))
  .map((record) => new Map(Object.entries(record)));

/** All the ways to use credentials that meet a choice, tried one by one. */
function ways(choice: SignerChoice, given: ReadonlyMap<string, readonly string[]>): readonly ReadonlySet<string>[] {
  if (typeof choice === 'string') return (given.get(choice) ?? []).map((each) => new Set([each]));
  const strings = new Set(choice.signers.filter((each) => typeof each === 'string'));
  const choices = [...strings, ...choice.signers.filter((each) => typeof each !== 'string')];
  let found: { readonly count: number; readonly used: ReadonlySet<string> }[] = [{ count: 0, used: new Set() }];
  for (const each of choices) {
    const own = ways(each, given);
    found = found.flatMap(({ count, used }) => [
      { count, used },
      ...own
        .filter((more) => ![...more].some((credential) => used.has(credential)))
        .map((more) => ({ count: count + 1, used: new Set([...used, ...more]) })),
    ]);
    const byKey = new Map(found.map((one) => [`${one.count} ${[...one.used].sort().join()}`, one]));
    found = [...byKey.values()];
  }
  return found.filter(({ count }) => count >= choice.atLeast).map(({ used }) => used);
}

test('isMet() finds a way exactly where there is one', () => {
  fc.assert(
    fc.property(setOf(2), credentials, (set, given) => {
      assert.equal(isMet(set, given), ways(set, given).length > 0);
    }),
    { numRuns: 500 },
  );
});

test('isMet() does not hang on the order of lists, and knowing less never lets less pass', () => {
  const turned = (set: SignerSet): SignerSet => ({
    ...set,
    signers: set.signers.map((each) => (typeof each === 'string' ? each : turned(each))).reverse(),
  });
  fc.assert(
    fc.property(setOf(2), credentials, fc.subarray(names), (set, given, open) => {
      const met = isMet(set, given, new Set(open));
      assert.equal(isMet(turned(set), given, new Set(open)), met);
      if (isMet(set, given)) assert.ok(met);
      assert.ok(signerNamesOf(set).every((name) => names.includes(name)));
    }),
    { numRuns: 500 },
  );
});

test('isMet() ends for a set that nobody could count in time, and does not let it pass', () => {
  const shared = Array.from({ length: 24 }, (_, at) => `k${at}`);
  const everybody = new Map(Array.from({ length: 50 }, (_, at) => [`s${at}`, shared]));
  const pairs = Array.from({ length: 25 }, (_, at) => of(1, `s${2 * at}`, `s${2 * at + 1}`));
  assert.equal(isMet({ signers: pairs, atLeast: 25 }, everybody), false);
  assert.equal(isMet({ signers: pairs, atLeast: 24 }, everybody), true);
});
