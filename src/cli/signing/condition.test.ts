import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '../../../testing/image/temporary-directory.ts';
import { testHost } from '../../../testing/test-host.ts';
import type { VerifiedStatement } from '../../signing/verify/verify-statement.ts';
import { conditionOf } from './condition.ts';

const statement = {
  subjects: [{ name: 'app', digests: new Map([['sha256', 'ab']]), annotations: new Map() }],
  predicateType: 'https://example.com/p',
  predicate: { ok: true, level: 3, builder: { id: 'https://b.example' } },
};
const verified = { statement } as unknown as VerifiedStatement;

async function conditionIn(...texts: readonly string[]): ReturnType<typeof conditionOf> {
  using folder = temporaryDirectory();
  const names = texts.map((text, at) => {
    writeFileSync(join(folder.path, `${at}.cel`), text);
    return `${at}.cel`;
  });
  return await conditionOf(names, testHost({ cwd: folder.path }));
}

test('conditionOf() gives none where none is named', async () => {
  assert.equal(await conditionOf([], testHost()), undefined);
});

test('conditionOf() knows the statement, its subjects and its predicate', async () => {
  for (const text of [
    'predicate.ok',
    'predicate.builder.id.startsWith("https://b.")',
    'predicateType == "https://example.com/p"',
    'subject.exists(one, one.name == "app" && one.digest.sha256 == "ab")',
    'statement.predicateType == predicateType',
  ]) {
    (await conditionIn(text))?.(verified);
  }
});

test('conditionOf() wants each to be true, and nothing that is nearly true', async () => {
  for (const texts of [
    ['!predicate.ok'],
    ['predicate.ok', 'false'],
    ['false', 'predicate.ok'],
    ['predicate.absent'],
    ['predicate.level'],
    ['"true"'],
    ['predicate.level / 0 == 1'],
    ['predicate.level > "2"'],
  ]) {
    const condition = await conditionIn(...texts).catch((error: unknown) => error as { code: string });
    if (typeof condition === 'function')
      assert.throws(() => condition(verified), { code: 'CONDITION_UNMET' }, texts.join());
    else assert.equal(condition?.code, 'SETTING_INVALID', texts.join());
  }
});

test('conditionOf() refuses what it cannot read', async () => {
  for (const text of ['', '(', 'nobody == 1', 'predicate.']) {
    await assert.rejects(conditionIn(text), { code: 'SETTING_INVALID' }, text);
  }
  for (const name of ['absent.cel', 'policy.rego', 'policy.cue', 'policy']) {
    await assert.rejects(conditionOf([name], testHost()), { code: 'SETTING_INVALID' }, name);
  }
});
