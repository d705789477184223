import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  day,
  deletedImages,
  digestFor,
  now,
  snapshotOf,
  tagsWith,
  type ExampleImage,
} from '../../../../testing/registry/retention-model.ts';
import { compileImmutableRules } from '../immutable/compile.ts';
import { planRetention, type Plan, type PlanOptions } from './plan.ts';
import { compileRetentionRules } from './rules/compile.ts';
import type { RetentionRule } from './rules/model.ts';

type Images = Readonly<Record<string, ExampleImage>>;

function plan(rules: readonly RetentionRule[], images: Images, options?: PlanOptions): Plan {
  return planRetention(compileRetentionRules(rules), snapshotOf(images), now, options);
}

function reasonOf(result: Plan, subject: string): string | undefined {
  const digest = digestFor(subject);
  const entry = result.entries.find((one) => one.tag === subject || (one.tag === undefined && one.digest === digest));
  return entry && `${entry.action} ${entry.rule ?? '-'}: ${entry.reason}`;
}

const old: RetentionRule = { kind: 'delete', name: 'old', olderThan: '30d' };
const untagged: RetentionRule = { kind: 'delete-untagged', name: 'untagged', olderThan: '7d' };

test('each condition deletes or keeps the tags that it says', () => {
  const images: Images = {
    a: { tags: ['v1.9.0'], pushed: 50 },
    b: { tags: ['v1.10.0'], pushed: 40, pulled: 2 },
    c: { tags: ['dev-1'], pushed: 35, pulled: 33 },
    d: { tags: ['dev-2'], pushed: 30 },
    e: { tags: ['latest'], pushed: 1 },
  };
  const all: RetentionRule = { kind: 'delete', name: 'all', olderThan: '0' };
  const cases: readonly (readonly [readonly RetentionRule[], readonly string[]])[] = [
    [[], []],
    [[old], ['dev-1', 'v1.10.0', 'v1.9.0']],
    [[{ kind: 'delete', name: 'x', olderThan: '30d', tags: ['dev-*'] }], ['dev-1']],
    [[{ kind: 'delete', name: 'x', olderThan: '30d', except: ['v*'] }], ['dev-1']],
    [[{ kind: 'delete', name: 'x', notPulledFor: '30d' }], ['dev-1', 'v1.9.0']],
    [[{ kind: 'delete', name: 'x', notPulledFor: '33d' }], ['v1.9.0']],
    [[{ kind: 'delete', name: 'x', beyondNewest: 2 }], ['dev-1', 'v1.10.0', 'v1.9.0']],
    [[{ kind: 'delete', name: 'x', beyondNewest: 2, orderBy: 'pull' }], ['dev-1', 'dev-2', 'v1.9.0']],
    [[{ kind: 'delete', name: 'x', beyondNewest: 1, orderBy: 'semver' }], ['v1.9.0']],
    [[{ kind: 'delete', name: 'x', beyondNewest: 0, tags: ['dev-*'] }], ['dev-1', 'dev-2']],
    [[{ kind: 'delete', name: 'x', beyondNewest: 2, olderThan: '45d' }], ['v1.9.0']],
    [
      [all, { kind: 'keep', name: 'k', tags: ['v*'] }],
      ['dev-1', 'dev-2', 'latest'],
    ],
    [
      [all, { kind: 'keep', name: 'k', tags: [{ regex: 'v.*|latest' }], except: ['v1.9.0'] }],
      ['dev-1', 'dev-2', 'v1.9.0'],
    ],
    [
      [all, { kind: 'keep', name: 'k', newest: 2 }],
      ['dev-1', 'v1.10.0', 'v1.9.0'],
    ],
    [
      [all, { kind: 'keep', name: 'k', newest: 1, orderBy: 'semver' }],
      ['dev-1', 'dev-2', 'latest', 'v1.9.0'],
    ],
    [
      [all, { kind: 'keep', name: 'k', pushedWithin: '30d' }],
      ['dev-1', 'v1.10.0', 'v1.9.0'],
    ],
    [
      [all, { kind: 'keep', name: 'k', pulledWithin: '30d' }],
      ['dev-1', 'v1.9.0'],
    ],
    [
      [all, { kind: 'keep', name: 'k', pulledWithin: '33d', tags: ['dev-*'] }],
      ['latest', 'v1.10.0', 'v1.9.0'],
    ],
    [[{ kind: 'keep', name: 'k' }, all], []],
    [[{ kind: 'delete', name: 'x', olderThan: '0', repositories: ['other/**'] }], []],
    [[{ kind: 'delete', name: 'x', olderThan: '0', exceptRepositories: ['team/*'] }], []],
  ];
  for (const [rules, deleted] of cases) {
    assert.deepEqual(tagsWith(plan(rules, images), 'delete'), deleted, JSON.stringify(rules));
  }
});

test('every decision names its rule and says why', () => {
  const images: Images = {
    a: { tags: ['a'], pushed: 40 },
    b: { tags: ['b'], pushed: 40, pulled: 35.5 },
    c: { tags: ['c'], pushed: 35 },
    d: { tags: ['d'], pushed: 1 },
    e: { pushed: 8 },
  };
  const result = plan(
    [
      { kind: 'delete', name: 'by pull', notPulledFor: '35d', tags: ['a', 'b'] },
      { kind: 'delete', name: 'count', beyondNewest: 2, olderThan: '30d' },
      { kind: 'keep', name: 'keep c', tags: ['c'] },
      untagged,
    ],
    images,
  );
  assert.equal(reasonOf(result, 'a'), 'delete by pull: No pull is known, and it was pushed 40d ago, longer than 35d.');
  assert.equal(reasonOf(result, 'b'), 'delete by pull: Last pulled 35d12h ago, longer than 35d.');
  assert.equal(reasonOf(result, 'c'), 'keep keep c: The rule keeps this tag.');
  assert.equal(reasonOf(result, 'd'), 'keep -: No rule wants it to go.');
  assert.equal(reasonOf(result, 'e'), 'delete untagged: No tag names it. Pushed 8d ago, longer than 7d.');
  const counted = plan([{ kind: 'delete', name: 'count', beyondNewest: 2, olderThan: '30d' }], images);
  assert.equal(
    reasonOf(counted, 'b'),
    'delete count: Pushed 40d ago, longer than 30d. Number 4 by push, beyond the newest 2.',
  );
});

test('an image that another tag names stays, and says which', () => {
  const images: Images = { a: { tags: ['old'], pushed: 40, blobs: [['layer', 5000]] } };
  const snapshot = snapshotOf(images);
  const tags = [...snapshot.tags, { name: 'new', digest: digestFor('a'), pushedAt: now - day }];
  const result = planRetention(compileRetentionRules([old]), { ...snapshot, tags }, now);
  assert.deepEqual(tagsWith(result, 'delete'), ['old']);
  assert.equal(reasonOf(result, 'a'), 'keep -: Tag new names it.');
  assert.equal(result.bytes, 0);
});

test('an index keeps what it lists, and takes it along when it goes', () => {
  const images: Images = {
    index: { tags: ['v1'], pushed: 40 },
    amd64: { pushed: 40, listedBy: ['index', 'nested'] },
    arm64: { pushed: 40, listedBy: ['index'] },
    nested: { tags: ['v2'], pushed: 1 },
    tagged: { tags: ['v1-s390x'], pushed: 40, listedBy: ['nested'] },
  };
  const result = plan([old, untagged], images);
  assert.deepEqual(deletedImages(images, result), ['index', 'arm64']);
  assert.equal(reasonOf(result, 'index'), 'delete old: No tag names it any more.');
  assert.equal(reasonOf(result, 'arm64'), `delete old: The index that lists it, ${digestFor('index')}, goes.`);
  assert.equal(reasonOf(result, 'amd64'), `keep -: Index ${digestFor('nested')}, which stays, lists it.`);
  assert.equal(
    reasonOf(result, 'tagged'),
    `keep -: Rule "old" would delete it, but index ${digestFor('nested')}, which stays, lists it.`,
  );
  assert.deepEqual(tagsWith(result, 'delete'), ['v1', 'v1-s390x']);
});

test('referrers go and stay with their subject, and never by themselves', () => {
  const images: Images = {
    old: { tags: ['old'], pushed: 40 },
    signature: { pushed: 1, subject: 'old' },
    ofSignature: { pushed: 1, subject: 'signature' },
    new: { tags: ['new'], pushed: 1 },
    oldSignature: { pushed: 40, subject: 'new' },
    tagged: { tags: ['sbom'], pushed: 40, subject: 'new' },
    keptSignature: { tags: ['keep'], pushed: 1, subject: 'old' },
    lostSubject: { pushed: 40, subject: 'not here' },
  };
  const result = plan([old, untagged], images);
  assert.deepEqual(deletedImages(images, result), ['old', 'signature', 'ofSignature', 'lostSubject']);
  assert.equal(reasonOf(result, 'ofSignature'), `delete old: What it is attached to, ${digestFor('signature')}, goes.`);
  assert.equal(reasonOf(result, 'oldSignature'), `keep -: It is attached to ${digestFor('new')}, which stays.`);
});

test('tags that attach something to a digest follow it and are not counted', () => {
  const tagOf = (name: string, suffix: string): string => `${digestFor(name).replace(':', '-')}${suffix}`;
  const images: Images = {
    a: { tags: ['v1'], pushed: 3 },
    aSig: { tags: [tagOf('a', '.sig')], pushed: 1 },
    b: { tags: ['v2'], pushed: 2 },
    bSig: { tags: [tagOf('b', '.sig')], pushed: 50 },
    bList: { tags: [tagOf('b', '')], pushed: 50 },
    bReferrer: { pushed: 50, subject: 'b', listedBy: ['bList'] },
    lostSig: { tags: [tagOf('not here', '.sig')], pushed: 0.5 },
  };
  const newest: RetentionRule = { kind: 'delete', name: 'newest', beyondNewest: 2 };
  const result = plan([newest, old, untagged], images);
  assert.deepEqual(deletedImages(images, result), ['a', 'aSig']);
  assert.equal(reasonOf(result, tagOf('a', '.sig')), `delete newest: It is attached to ${digestFor('a')}, which goes.`);
  assert.equal(reasonOf(result, tagOf('b', '.sig')), `keep -: It is attached to ${digestFor('b')}, which stays.`);
  const kept = plan([newest, { kind: 'keep', name: 'signatures', tags: ['sha256-*.sig'] }], images);
  assert.deepEqual(deletedImages(images, kept), ['a']);
  assert.equal(reasonOf(kept, tagOf('a', '.sig')), 'keep signatures: The rule keeps this tag.');
  const immutable = compileImmutableRules([{ name: 'signatures', tags: ['sha256-*.sig'] }]);
  const held = plan([newest], images, { immutable });
  assert.deepEqual(deletedImages(images, held), ['a']);
  assert.equal(
    reasonOf(held, tagOf('a', '.sig')),
    'skip signatures: What it is attached to goes, but it is immutable by rule "signatures".',
  );
  assert.equal(held.tags.skip, 1);
});

test('an immutable tag is skipped until its rule lets go', () => {
  const images: Images = { a: { tags: ['v1', 'dev'], pushed: 40 }, b: { tags: ['v2'], pushed: 100 } };
  const immutable = compileImmutableRules([{ name: 'releases', tags: ['v*'], until: '60d' }]);
  const result = plan([old], images, { immutable });
  assert.deepEqual(tagsWith(result, 'skip'), ['v1']);
  assert.deepEqual(tagsWith(result, 'delete'), ['dev', 'v2']);
  assert.deepEqual(deletedImages(images, result), ['b']);
  assert.equal(
    reasonOf(result, 'v1'),
    'skip releases: Rule "old" would delete it, but it is immutable until 2026-02-20T00:00:00Z by rule "releases".',
  );
  assert.deepEqual(
    [result.tags, result.manifests],
    [
      { keep: 0, delete: 2, skip: 1 },
      { keep: 1, delete: 1, skip: 0 },
    ],
  );
});

test('an untagged manifest that was pushed just now stays', () => {
  const images: Images = { a: { pushed: 0.5 / 24 }, b: { pushed: 2 / 24 } };
  const rules: readonly RetentionRule[] = [{ kind: 'delete-untagged', name: 'u', olderThan: '1m' }];
  assert.deepEqual(deletedImages(images, plan(rules, images)), ['b']);
  assert.deepEqual(deletedImages(images, plan(rules, images, { untaggedGrace: 0 })), ['a', 'b']);
});

test('untagged manifests go by their last use where the rule says so', () => {
  const images: Images = { a: { pushed: 40, pulled: 1 }, b: { pushed: 40 }, c: { pushed: 5 } };
  const rules: readonly RetentionRule[] = [{ kind: 'delete-untagged', name: 'u', notPulledFor: '7d' }];
  const result = plan(rules, images);
  assert.deepEqual(deletedImages(images, result), ['b']);
  assert.match(reasonOf(result, 'b') ?? '', /No pull is known, and it was pushed 40d ago, longer than 7d\.$/);
});

test('a quota takes the untagged first, then the oldest, and counts each blob once', () => {
  const base = ['base', 1000] as const;
  const images: Images = {
    a: { tags: ['v1'], pushed: 4, size: 0, blobs: [base, ['a', 100]] },
    b: { tags: ['v2'], pushed: 3, size: 0, blobs: [base, ['b', 100]] },
    c: { tags: ['v3', 'latest'], pushed: 2, size: 0, blobs: [base, ['c', 100]] },
    d: { pushed: 1, size: 0, blobs: [['d', 100]] },
  };
  for (const [quota, deleted, bytes] of [
    [{ maxBytes: 1400 }, [], 0],
    [{ maxBytes: 1399 }, ['d'], 100],
    [{ maxBytes: 1300 }, ['d'], 100],
    [{ maxBytes: 1299 }, ['a', 'd'], 200],
    [{ maxBytes: 0 }, ['a', 'b', 'c', 'd'], 1400],
    [{ maxTags: 4 }, [], 0],
    [{ maxTags: 3 }, ['a'], 100],
    [{ maxTags: 2, maxBytes: 1399 }, ['a', 'b'], 200],
  ] as const) {
    const result = plan([{ kind: 'quota', name: 'q', ...quota }], images);
    assert.deepEqual([deletedImages(images, result), result.bytes], [deleted, bytes], JSON.stringify(quota));
    assert.deepEqual(result.unmet, []);
  }
});

test('what is kept pushes nothing else beyond a quota, and a quota that is not met is told', () => {
  const images: Images = {
    a: { tags: ['v1'], pushed: 4, size: 100 },
    b: { tags: ['v2'], pushed: 3, size: 100 },
    c: { tags: ['v3'], pushed: 2, size: 100 },
  };
  const result = plan(
    [
      { kind: 'quota', name: 'q', maxTags: 1, maxBytes: 100 },
      { kind: 'keep', name: 'k', tags: ['v1'] },
    ],
    images,
  );
  assert.deepEqual(tagsWith(result, 'delete'), ['v2']);
  assert.deepEqual(
    result.unmet.map(({ message }) => message),
    [
      'Rule "q" lets 1 tags be here, and 2 stay since something else keeps them.',
      'Rule "q" lets 100 bytes be here, and 200 stay since something else keeps them.',
    ],
  );
});

test('what is kept counts for a quota as long as nothing else would delete it', () => {
  const images: Images = {
    a: { tags: ['v1'], pushed: 4 },
    b: { tags: ['v2'], pushed: 3 },
    c: { tags: ['v3'], pushed: 2 },
  };
  const quota: RetentionRule = { kind: 'quota', name: 'q', maxTags: 1 };
  const keep: RetentionRule = { kind: 'keep', name: 'k', tags: ['v3'] };
  assert.deepEqual(tagsWith(plan([quota, keep], images), 'delete'), ['v1', 'v2']);
  const del: RetentionRule = { kind: 'delete', name: 'd', tags: ['v3'], olderThan: '1d' };
  assert.deepEqual(tagsWith(plan([quota, keep, del], images), 'delete'), ['v1']);
});

test('a tag named after its own digest is a tag like others', () => {
  const images: Images = { a: { tags: [digestFor('a').replace(':', '-')], pushed: 40 } };
  assert.deepEqual(deletedImages(images, plan([old], images)), ['a']);
});

test('links in a circle stay, with all that they hold', () => {
  const images: Images = {
    x: { pushed: 40, listedBy: ['y'] },
    y: { pushed: 40, listedBy: ['x'] },
    held: { tags: ['old'], pushed: 40, listedBy: ['x'] },
    index: { tags: ['older'], pushed: 50 },
    shared: { pushed: 40, listedBy: ['x', 'index'] },
    listsItself: { pushed: 40, listedBy: ['listsItself'] },
    ownSubject: { pushed: 40, subject: 'ownSubject' },
  };
  assert.deepEqual(deletedImages(images, plan([old, untagged], images)), ['index', 'listsItself', 'ownSubject']);
});

test('a tag whose manifest is not in the snapshot stays', () => {
  const result = planRetention(
    compileRetentionRules([old]),
    { repository: 'a', tags: [{ name: 'x', digest: digestFor('lost'), pushedAt: 0 }], manifests: [] },
    now,
  );
  assert.equal(reasonOf(result, 'x'), 'keep -: Its manifest was not there to be judged.');
});

test('compileRetentionRules() refuses what cannot be meant', () => {
  const cases: readonly (readonly [RetentionRule, string])[] = [
    [{ kind: 'delete', name: 'x' }, 'RULE_INVALID'],
    [{ kind: 'delete', name: 'x', tags: ['**'] }, 'RULE_INVALID'],
    [{ kind: 'delete', name: 'x', olderThan: '1d', orderBy: 'semver' }, 'RULE_INVALID'],
    [{ kind: 'delete', name: 'x', beyondNewest: -1 }, 'RULE_INVALID'],
    [{ kind: 'delete', name: 'x', beyondNewest: 1.5 }, 'RULE_INVALID'],
    [{ kind: 'delete', name: 'x', olderThan: 'soon' }, 'DURATION_INVALID'],
    [{ kind: 'delete', name: 'x', olderThan: '1d', tags: [] }, 'RULE_INVALID'],
    [{ kind: 'keep', name: 'x', newest: 0 }, 'RULE_INVALID'],
    [{ kind: 'keep', name: 'x', orderBy: 'pull' }, 'RULE_INVALID'],
    [{ kind: 'keep', name: '' }, 'RULE_INVALID'],
    [{ kind: 'delete-untagged', name: 'x' }, 'RULE_INVALID'],
    [{ kind: 'quota', name: 'x' }, 'RULE_INVALID'],
    [{ kind: 'quota', name: 'x', maxBytes: -1 }, 'RULE_INVALID'],
  ];
  for (const [rule, code] of cases) {
    assert.throws(() => compileRetentionRules([rule]), { name: 'RuleError', code }, JSON.stringify(rule));
  }
  assert.throws(() => compileRetentionRules([old, old]), { code: 'RULE_INVALID' });
  const broken: RetentionRule = { kind: 'delete', name: 'x', olderThan: '1d', tags: [{ regex: '(' }] };
  assert.throws(() => compileRetentionRules([broken]), { name: 'PatternError', code: 'PATTERN_INVALID' });
});
