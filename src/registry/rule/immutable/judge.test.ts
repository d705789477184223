import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { Digest } from '../../../oci/digest.ts';
import { compileImmutableRules } from './compile.ts';
import { judgeManifestDelete, judgeTagDelete, judgeTagWrite, type TagWrite } from './judge.ts';
import type { ImmutableRule } from './model.ts';

const day = 86_400_000;
const a = `sha256:${'a'.repeat(64)}` as Digest;
const b = `sha256:${'b'.repeat(64)}` as Digest;
const now = Date.UTC(2026, 0, 31);

function write(over: Partial<TagWrite> = {}): TagWrite {
  return { repository: 'team/app', tag: 'v1', current: { digest: a, pushedAt: now - day }, next: b, now, ...over };
}

test('judgeTagWrite() lets an immutable tag be made and pushed again, but not moved', () => {
  const rules = compileImmutableRules([{ name: 'releases', tags: ['v*'] }]);
  assert.deepEqual(judgeTagWrite(rules, write({ current: undefined })), { allowed: true });
  assert.deepEqual(judgeTagWrite(rules, write({ next: a })), { allowed: true });
  assert.deepEqual(judgeTagWrite(rules, write({ tag: 'latest' })), { allowed: true });
  assert.deepEqual(judgeTagWrite(rules, write()), {
    allowed: false,
    rule: 'releases',
    message: `Tag team/app:v1 stays at ${a}: it is immutable by rule "releases"; push under another tag`,
  });
});

test('judgeTagDelete() holds an immutable tag, and not what is not there', () => {
  const rules = compileImmutableRules([{ name: 'releases', tags: ['v*'], until: '30d' }]);
  assert.deepEqual(judgeTagDelete(rules, write({ current: undefined })), { allowed: true });
  assert.deepEqual(judgeTagDelete(rules, write()), {
    allowed: false,
    rule: 'releases',
    until: now + 29 * day,
    message:
      'Tag team/app:v1 stays: it is immutable until 2026-03-01T00:00:00Z by rule "releases"; change the rule if it must go, or wait',
  });
});

test('a tag is free once the stated age has passed, to the millisecond', () => {
  const rules = compileImmutableRules([{ name: 'a month', until: '30d' }]);
  for (const [age, allowed] of [
    [-day, false],
    [0, false],
    [30 * day - 1, false],
    [30 * day, true],
    [365 * day, true],
  ] as const) {
    const current = { digest: a, pushedAt: now - age };
    assert.equal(judgeTagWrite(rules, write({ current })).allowed, allowed, `write after ${age}`);
    assert.equal(judgeTagDelete(rules, write({ current })).allowed, allowed, `delete after ${age}`);
  }
});

test('rules cover repositories and tags by pattern, less their exceptions', () => {
  const cases: readonly (readonly [Omit<ImmutableRule, 'name'>, string, string, boolean])[] = [
    [{}, 'team/app', 'anything', true],
    [{ repositories: ['team/*'] }, 'team/app', 'v1', true],
    [{ repositories: ['team/*'] }, 'other/app', 'v1', false],
    [{ repositories: ['team/**'], exceptRepositories: ['team/dev/**'] }, 'team/dev/app', 'v1', false],
    [{ except: [{ wildcard: 'dev-*' }, { wildcard: 'latest' }] }, 'team/app', 'dev-1', false],
    [{ except: [{ wildcard: 'dev-*' }, { wildcard: 'latest' }] }, 'team/app', 'v1', true],
    [{ tags: ['v*'], except: ['v*-rc*'] }, 'team/app', 'v1-rc1', false],
    [{ tags: [{ regex: 'v\\d+' }] }, 'team/app', 'v1', true],
    [{ tags: [{ regex: 'v\\d+' }] }, 'team/app', 'v1x', false],
  ];
  for (const [rule, repository, tag, held] of cases) {
    const rules = compileImmutableRules([{ name: 'r', ...rule }]);
    const verdict = judgeTagWrite(rules, write({ repository, tag }));
    assert.equal(!verdict.allowed, held, `${JSON.stringify(rule)} on ${repository}:${tag}`);
  }
});

test('of several rules the one that holds longest is named, whatever the order', () => {
  const week: ImmutableRule = { name: 'week', until: '7d' };
  const month: ImmutableRule = { name: 'month', until: '30d' };
  const ever: ImmutableRule = { name: 'ever', tags: ['v*'] };
  for (const [list, tag, rule] of [
    [[week, month], 'v1', 'month'],
    [[month, week], 'v1', 'month'],
    [[ever, month], 'v1', 'ever'],
    [[month, ever, week], 'v1', 'ever'],
    [[month, ever], 'x', 'month'],
    [[{ ...ever, name: 'first' }, ever], 'v1', 'first'],
  ] as const) {
    const verdict = judgeTagWrite(compileImmutableRules(list), write({ tag }));
    assert.equal(verdict.allowed ? undefined : verdict.rule, rule);
  }
});

test('judgeManifestDelete() keeps a manifest for its immutable tags alone', () => {
  const rules = compileImmutableRules([{ name: 'releases', tags: ['v*'] }]);
  const removal = { repository: 'team/app', digest: a, now, tags: [{ name: 'latest', pushedAt: now }] };
  assert.deepEqual(judgeManifestDelete(rules, { ...removal, tags: [] }), { allowed: true });
  assert.deepEqual(judgeManifestDelete(rules, removal), { allowed: true });
  const verdict = judgeManifestDelete(rules, { ...removal, tags: [...removal.tags, { name: 'v1', pushedAt: now }] });
  assert.equal(
    verdict.allowed ? '' : verdict.message,
    `${a} stays, since tag team/app:v1 names it: it is immutable by rule "releases"; change the rule if it must go`,
  );
});

test('compileImmutableRules() refuses what cannot be meant', () => {
  const cases: readonly (readonly [readonly ImmutableRule[], string])[] = [
    [[{ name: '' }], 'RULE_INVALID'],
    [[{ name: 'x\u001b[2J' }], 'RULE_INVALID'],
    [[{ name: 'x'.repeat(101) }], 'RULE_INVALID'],
    [[{ name: 'x' }, { name: 'x' }], 'RULE_INVALID'],
    [[{ name: 'x', tags: [] }], 'RULE_INVALID'],
    [[{ name: 'x', repositories: [] }], 'RULE_INVALID'],
    [[{ name: 'x', tags: ['['] }], 'PATTERN_INVALID'],
    [[{ name: 'x', until: 'soon' }], 'DURATION_INVALID'],
    [Array.from({ length: 201 }, (_, index) => ({ name: `${index}` })), 'LIMIT_EXCEEDED'],
  ];
  for (const [rules, code] of cases) {
    assert.throws(() => compileImmutableRules(rules), { code }, JSON.stringify(rules).slice(0, 80));
  }
});

test('judging is total: whatever is asked, a verdict comes back', () => {
  const rules = compileImmutableRules([
    { name: 'r', until: '30d' },
    { name: 's', tags: ['v*'] },
  ]);
  const time = fc.oneof(fc.integer(), fc.double(), fc.maxSafeInteger());
  fc.assert(
    fc.property(fc.string(), fc.string(), time, time, (repository, tag, pushedAt, at) => {
      const verdict = judgeTagWrite(rules, { repository, tag, current: { digest: a, pushedAt }, next: b, now: at });
      assert.ok(verdict.allowed || verdict.message.length > 0);
    }),
  );
});
