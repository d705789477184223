import assert from 'node:assert/strict';
import test from 'node:test';
import { silentLogger } from '../../base/logger.ts';
import type { CompiledTexts, PolicyText } from '../../policy/dialects/model.ts';
import type { ResourcePolicy } from '../../policy/resource/policy.ts';
import { PolicySet } from './policy-set.ts';

/** Each text names a policy; one with a `!` is wrong, and two that say `clash` are wrong together. */
function compile(texts: readonly PolicyText[]): Promise<CompiledTexts> {
  const mistakes = texts.flatMap(({ file, text }, at) =>
    text.includes('!') || (text.startsWith('clash') && texts.slice(0, at).some((each) => each.text.startsWith('clash')))
      ? [{ file, line: 1, column: 1, path: '', sentence: 'is wrong' }]
      : [],
  );
  const wrong = new Set(mistakes.map(({ file }) => file));
  const policies = texts.filter(({ file }) => !wrong.has(file)).map(({ text }) => ({ id: text }) as ResourcePolicy);
  return Promise.resolve({ policies, mistakes, advice: [], others: [] });
}

function setOf(): { readonly set: PolicySet; readonly ids: () => string[]; readonly changes: () => number } {
  const set = new PolicySet(compile, silentLogger);
  let changes = 0;
  set.onChange(() => void (changes += 1));
  return { set, ids: () => set.policies.map(({ id }) => id), changes: () => changes };
}

function texts(...pairs: readonly string[]): readonly PolicyText[] {
  return pairs.map((pair) => {
    const [file = '', text = ''] = pair.split('=');
    return { file, text };
  });
}

test('policies are there when they were read, and are others when their texts are', async () => {
  const { set, ids, changes } = setOf();
  assert.equal(set.isLoaded, false);
  await set.replace(texts('a=one', 'b=two'));
  assert.deepEqual([set.isLoaded, ids(), changes()], [true, ['one', 'two'], 1]);
  await set.replace(texts('b=two'));
  assert.deepEqual([ids(), changes()], [['two'], 2]);
});

test('a text that becomes wrong leaves the one before it in force, and others change', async () => {
  const { set, ids } = setOf();
  await set.replace(texts('a=one', 'b=two'));
  const { mistakes, kept } = await set.replace(texts('a=!', 'b=three'));
  assert.deepEqual([ids(), kept, mistakes.length, set.mistakes.length], [['one', 'three'], ['a'], 1, 1]);
  await set.replace(texts('a=!!', 'b=three'));
  assert.deepEqual(ids(), ['one', 'three']);
  await set.replace(texts('a=four', 'b=three'));
  assert.deepEqual([ids(), set.mistakes], [['four', 'three'], []]);
});

test('a text that was never right is no policy, and one that is taken away is none any more', async () => {
  const { set, ids } = setOf();
  await set.replace(texts('a=!', 'b=two'));
  assert.deepEqual([set.isLoaded, ids()], [true, ['two']]);
  await set.replace(texts('b=!'));
  assert.deepEqual(ids(), ['two']);
  await set.replace([]);
  assert.deepEqual(ids(), []);
});

test('texts that are wrong only together leave the rest as it was', async () => {
  const { set, ids } = setOf();
  await set.replace(texts('a=clash 1', 'b=two'));
  await set.replace(texts('a=clash 1', 'b=clash 2'));
  assert.deepEqual(ids(), ['clash 1', 'two']);
});

test('changes come in the order of the calls', async () => {
  const { set, ids } = setOf();
  await Promise.all([set.replace(texts('a=1')), set.replace(texts('a=2')), set.replace(texts('a=3'))]);
  assert.deepEqual(ids(), ['3']);
});
