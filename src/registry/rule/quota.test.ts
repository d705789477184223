import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { Digest } from '../../oci/digest.ts';
import {
  addedBytes,
  compilePushQuotas,
  judgePush,
  type PushedContent,
  type PushQuota,
  type QuotaUsage,
  type QuotaVerdict,
} from './quota.ts';

const a = `sha256:${'a'.repeat(64)}` as Digest;
const b = `sha256:${'b'.repeat(64)}` as Digest;

function judge(
  quota: Partial<PushQuota>,
  usage: Partial<QuotaUsage>,
  content: Partial<PushedContent>,
  present: readonly Digest[] = [],
): QuotaVerdict {
  const [applicable] = compilePushQuotas([{ name: 'q', ...quota }]).applicable('team/app');
  assert.ok(applicable);
  return judgePush(
    applicable,
    { bytes: 0, tags: 0, repositories: 0, ...usage },
    { blobs: [], tags: 0, repositories: 0, ...content },
    (digest) => present.includes(digest),
  );
}

test('judgePush() counts each blob once, and only what is not there', () => {
  const blobs = [
    { digest: a, size: 60 },
    { digest: a, size: 60 },
    { digest: b, size: 50 },
  ];
  assert.equal(judge({ maxBytes: 110 }, {}, { blobs }).allowed, true);
  assert.equal(judge({ maxBytes: 109 }, {}, { blobs }).allowed, false);
  assert.equal(judge({ maxBytes: 160 }, { bytes: 100 }, { blobs }, [b]).allowed, true);
  assert.deepEqual(judge({ maxBytes: 159 }, { bytes: 100 }, { blobs }, [b]), {
    allowed: false,
    rule: 'q',
    measure: 'bytes',
    used: 100,
    added: 60,
    limit: 159,
    message:
      'Quota "q" lets 159 bytes be used; 100 are, and this push needs 60 more bytes; delete what is not needed, or ask for a larger quota',
  });
});

test('judgePush() lets pass what adds nothing, even over the limit', () => {
  const usage = { bytes: 500, tags: 9, repositories: 9 };
  const quota = { per: 'rule', maxBytes: 100, maxTags: 1, maxRepositories: 1 } as const;
  assert.deepEqual(judge(quota, usage, { blobs: [{ digest: a, size: 60 }] }, [a]), { allowed: true });
});

test('judgePush() limits tags and repositories', () => {
  for (const [quota, usage, content, denied] of [
    [{ maxTags: 2 }, { tags: 1 }, { tags: 1 }, undefined],
    [{ maxTags: 2 }, { tags: 2 }, { tags: 1 }, 'this push needs 1 more tag;'],
    [{ maxTags: 2 }, { tags: 2 }, { tags: 3 }, 'this push needs 3 more tags;'],
    [{ maxTags: 0 }, {}, { tags: 1 }, 'this push needs 1 more tag;'],
    [{ per: 'rule', maxRepositories: 1 }, { repositories: 0 }, { repositories: 1 }, undefined],
    [
      { per: 'rule', maxRepositories: 1 },
      { repositories: 1 },
      { repositories: 1 },
      'this push needs 1 more repository;',
    ],
  ] as const) {
    const verdict = judge(quota, usage, content);
    assert.equal(verdict.allowed ? undefined : /this push .*?;/.exec(verdict.message)?.[0], denied);
  }
});

test('applicable() gives the quotas of a repository, and what they count together', () => {
  const quotas = compilePushQuotas([
    { name: 'all', maxBytes: 1 },
    { name: 'team', repositories: ['team/**'], exceptRepositories: ['team/free'], per: 'rule', maxBytes: 1 },
  ]);
  const names = (repository: string): readonly string[] => quotas.applicable(repository).map(({ quota }) => quota.name);
  assert.deepEqual(names('team/app'), ['all', 'team']);
  assert.deepEqual(names('team/free'), ['all']);
  assert.deepEqual(names('other'), ['all']);
  const [all, team] = quotas.applicable('team/app');
  assert.deepEqual([all?.shared, team?.shared], [false, true]);
  assert.deepEqual([team?.covers('team/x/y'), team?.covers('team/free')], [true, false]);
});

test('compilePushQuotas() refuses what cannot be meant', () => {
  for (const quota of [
    {},
    { maxBytes: -1 },
    { maxBytes: 0.5 },
    { maxTags: Number.NaN },
    { maxRepositories: 3 },
    { maxRepositories: 3, per: 'repository' },
    { maxTags: 1, repositories: [] },
  ] as const) {
    assert.throws(() => compilePushQuotas([{ name: 'q', ...quota }]), { code: 'RULE_INVALID' }, JSON.stringify(quota));
  }
});

test('addedBytes() is the growth of a set of blobs', () => {
  const digest = fc.integer({ min: 0, max: 9 }).map((number) => `sha256:${String(number).repeat(64)}` as Digest);
  const sizeOf = (one: Digest): number => Number(one[7]) + 1;
  fc.assert(
    fc.property(fc.array(digest), fc.array(digest), (present, pushed) => {
      const total = (digests: Iterable<Digest>): number =>
        [...new Set(digests)].reduce((sum, one) => sum + sizeOf(one), 0);
      const blobs = pushed.map((one) => ({ digest: one, size: sizeOf(one) }));
      const added = addedBytes(blobs, (one) => present.includes(one));
      assert.equal(total(present) + added, total([...present, ...pushed]));
    }),
  );
});
