import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LangError } from '../../lang/error.ts';
import type { ConditionBlock } from '../kyverno/document/conditions/model.ts';
import { compileKyvernoConditions } from './kyverno.ts';

const predicate = {
  metadata: { scanFinishedOn: '2026-05-30T00:00:00Z' },
  builder: { id: 'https://good' },
  level: 3,
  labels: ['*'],
  request: { namespace: 'forged' },
};

function whyNot(blocks: readonly ConditionBlock[], exact = false): string | undefined {
  return compileKyvernoConditions(blocks, exact).whyNot({
    variables: { predicate },
    context: { request: { namespace: 'prod' } },
    now: Date.parse('2026-06-01T00:00:00Z'),
  });
}

const good = { key: '{{ builder.id }}', operator: 'Equals', value: 'https://good' } as const;
const bad = { key: '{{ builder.id }}', operator: 'Equals', value: 'https://evil' } as const;

const cases: readonly (readonly [what: string, blocks: readonly ConditionBlock[], why: RegExp | undefined])[] = [
  ['a condition that is met', [{ all: [good] }], undefined],
  [
    'a condition that is not',
    [{ all: [good, bad] }],
    /"\{\{ builder\.id \}\}" is "https:\/\/good", and not Equals "https:\/\/evil"$/,
  ],
  ['one of two', [{ any: [bad, good] }], undefined],
  ['none of two', [{ any: [bad, bad] }], /none of its conditions is met/],
  ['one of one that is not met', [{ any: [bad] }], /not Equals/],
  ['none of none', [{ any: [] }], /none of its conditions/],
  ['both lists', [{ any: [good], all: [bad] }], /not Equals/],
  ['each block', [{ all: [good] }, { all: [bad] }], /not Equals/],
  ['no block', [], undefined],
  ["the policy's message", [{ all: [{ ...bad, message: 'build it again' }] }], /not met: build it again/],
  ['the predicate as a whole', [{ all: [{ ...good, key: '{{ predicate.builder.id }}' }] }], undefined],
  ['numbers', [{ all: [{ key: '{{ level }}', operator: 'GreaterThan', value: 2 }] }], undefined],
  [
    'how long ago it was',
    [{ all: [{ key: "{{ time_since('', metadata.scanFinishedOn, '') }}", operator: 'LessThan', value: '168h' }] }],
    undefined,
  ],
  [
    'a statement that says what only the cluster may',
    [{ all: [{ key: '{{ request.namespace }}', operator: 'Equals', value: 'prod' }] }],
    undefined,
  ],
];

for (const [what, blocks, why] of cases) {
  test(`conditions of Kyverno tell of ${what}`, () => {
    const told = whyNot(blocks);
    if (why === undefined) assert.equal(told, undefined);
    else assert.match(told ?? 'it is met', why);
  });
}

test('conditions of Kyverno compare as laxly as it does where that is asked for', () => {
  const blocks = [{ all: [{ key: '{{ labels }}', operator: 'AnyIn', value: ['trusted'] }] }] as const;
  assert.match(whyNot(blocks) ?? '', /not AnyIn/);
  assert.equal(whyNot(blocks, true), undefined);
});

test('conditions of Kyverno have no answer by chance, and none without an operator', () => {
  const chance = [{ all: [{ key: "{{ random('[a-z]') }}", operator: 'Equals', value: 'a' }] }] as const;
  assert.throws(() => whyNot(chance), { name: 'LangError', message: /must be the same each time/ });
  assert.throws(() => whyNot([{ all: [{ key: '{{ nope( }}', operator: 'Equals', value: '' }] }]), LangError);
  assert.throws(() => compileKyvernoConditions([{ any: [{ key: 'a', value: 'a' }] }], false), /no operator/);
});

test('conditions of Kyverno say whether they hang on the time', () => {
  assert.equal(compileKyvernoConditions([{ all: [good] }], false).usesTime, false);
  const timed = [{ all: [{ key: '{{ time_now() }}', operator: 'Equals', value: '' }] }] as const;
  assert.equal(compileKyvernoConditions(timed, false).usesTime, true);
});

const unknown = { key: '{{ nothing( }}', operator: 'Equals', value: 'x' } as const;
const told = { ...good, message: 'not from there' } as const;

const denials: readonly (readonly [what: string, blocks: readonly ConditionBlock[], why: RegExp | undefined])[] = [
  ['what is the case', [{ all: [good] }], /^what it denies is the case$/],
  ['what is not', [{ all: [bad] }], undefined],
  ['one of all', [{ all: [good, bad] }], undefined],
  ['one of any', [{ any: [bad, good] }], /is the case/],
  ['none of any', [{ any: [bad, bad] }], undefined],
  ['one block of two', [{ all: [good] }, { all: [bad] }], undefined],
  ['both blocks', [{ all: [good] }, { any: [good] }], /is the case/],
  ["the policy's message", [{ any: [bad, told] }], /is the case: not from there$/],
];

for (const [what, blocks, why] of denials) {
  test(`conditions of Kyverno that deny tell of ${what}`, () => {
    const input = { variables: { predicate }, now: 0 };
    const found = compileKyvernoConditions(blocks, false, true).whyNot(input);
    if (why === undefined) assert.equal(found, undefined);
    else assert.match(found ?? 'it passes', why);
  });
}

test('conditions of Kyverno that deny have no answer where one of them has none', () => {
  for (const blocks of [[{ all: [bad, unknown] }], [{ any: [bad, unknown] }], [{ all: [bad] }, { all: [unknown] }]]) {
    const { whyNot: ask } = compileKyvernoConditions(blocks, false, true);
    assert.throws(() => ask({ variables: { predicate }, now: 0 }), LangError);
  }
});
