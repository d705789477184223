import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import {
  arbitrarySnapshot,
  brokenPromises,
  day,
  deletedImages,
  now,
  snapshotOf,
  tagsWith,
  type ExampleImage,
} from '../../../../../../testing/registry/retention-model.ts';
import { compileImmutableRules } from '../../../immutable/compile.ts';
import { planRetention, type Plan, type PlanOptions } from '../../plan.ts';
import type { RepositorySnapshot } from '../../snapshot.ts';
import { importEcrPolicy } from './import.ts';

interface Selection {
  readonly [name: string]: unknown;
}

const expire = { type: 'expire' };

/** A policy of rules in the order of their priorities. */
function policyOf(...selections: readonly Selection[]): string {
  return JSON.stringify({
    rules: selections.map((selection, index) => ({ rulePriority: index + 1, selection, action: expire })),
  });
}

function countOf(countNumber: number, over: Selection): Selection {
  return { countType: 'imageCountMoreThan', countNumber, ...over };
}

function ageOf(countNumber: number, over: Selection, countType: string = 'sinceImagePushed'): Selection {
  return { countType, countUnit: 'days', countNumber, ...over };
}

const noGrace: PlanOptions = { untaggedGrace: 0 };

function plan(text: string, snapshot: RepositorySnapshot, options: PlanOptions = noGrace): Plan {
  return planRetention(importEcrPolicy(text, ['**']).policy, snapshot, now, options);
}

const prod = { tagStatus: 'tagged', tagPatternList: ['prod*'] };
const beta = { tagStatus: 'tagged', tagPatternList: ['beta*'] };

test('importEcrPolicy() takes images as the examples of its guide say', () => {
  const shared: Readonly<Record<string, ExampleImage>> = {
    a: { tags: ['beta-1', 'prod-1'], pushed: 10 },
    b: { tags: ['beta-2', 'prod-2'], pushed: 9 },
    c: { tags: ['beta-3'], pushed: 8 },
  };
  const two: Readonly<Record<string, ExampleImage>> = {
    a: { tags: ['x1'], pushed: 12 },
    b: { tags: ['y1'], pushed: 11 },
    c: { tags: ['x2', 'y2'], pushed: 10 },
    d: { tags: ['x3', 'y3', 'z3'], pushed: 4 },
    e: { tags: ['y4'], pushed: 3 },
  };
  const mixed: Readonly<Record<string, ExampleImage>> = {
    a: { tags: ['x1', 'y1'], pushed: 4 },
    b: { pushed: 3 },
    c: { tags: ['x2'], pushed: 2 },
    d: { tags: ['0a1b2c'], pushed: 1 },
    e: { pushed: 0.9 },
  };
  const x = { tagStatus: 'tagged', tagPrefixList: ['x'] };
  const xAndY = { tagStatus: 'tagged', tagPatternList: ['x*', 'y*'] };
  const cases: readonly (readonly [string, Readonly<Record<string, ExampleImage>>, string, readonly string[]])[] = [
    ['what a higher rule selects is out of reach', shared, policyOf(countOf(1, prod), countOf(1, beta)), ['a']],
    ['the order of priorities decides', shared, policyOf(countOf(1, beta), countOf(1, prod)), ['a', 'b']],
    ['all patterns must be found, by age', two, policyOf(ageOf(5, xAndY)), ['c']],
    ['all patterns must be found, by count', two, policyOf(countOf(1, xAndY)), ['c']],
    ['prefixes are alike', two, policyOf(countOf(1, { ...x, tagPrefixList: ['x', 'y'] })), ['c']],
    ['any image', mixed, policyOf(countOf(1, { tagStatus: 'any' })), ['a', 'b', 'c', 'd']],
    ['untagged by count', mixed, policyOf(countOf(1, { tagStatus: 'untagged' })), ['b']],
    ['untagged by age', mixed, policyOf(ageOf(2, { tagStatus: 'untagged' })), ['b']],
    [
      'all kinds of rules at once',
      mixed,
      policyOf(countOf(1, x), ageOf(1, { tagStatus: 'untagged' }), countOf(1, { tagStatus: 'any' })),
      ['a', 'b', 'd'],
    ],
  ];
  for (const [name, images, text, expired] of cases) {
    assert.deepEqual(deletedImages(images, plan(text, snapshotOf(images))), expired, name);
  }
});

test('importEcrPolicy() applies rules by their number, not by their place', () => {
  const rules = [
    { rulePriority: 20, selection: countOf(1, beta), action: expire },
    { rulePriority: 3, selection: countOf(1, prod), action: expire, description: 'few releases' },
  ];
  const images = { a: { tags: ['beta-1', 'prod-1'], pushed: 10 }, b: { tags: ['beta-2', 'prod-2'], pushed: 9 } };
  const result = plan(JSON.stringify({ rules }), snapshotOf(images));
  assert.deepEqual(
    result.entries
      .filter(({ tag }) => tag !== undefined)
      .map(({ tag, action, rule, reason }) => [tag, action, rule, reason]),
    [
      ['beta-1', 'delete', 'ECR rule 3 (few releases)', 'Number 2 by push, beyond the newest 1.'],
      ['beta-2', 'keep', 'ECR rule 3 (few releases)', 'Number 1 by push, among the newest 1.'],
      ['prod-1', 'delete', 'ECR rule 3 (few releases)', 'Number 2 by push, beyond the newest 1.'],
      ['prod-2', 'keep', 'ECR rule 3 (few releases)', 'Number 1 by push, among the newest 1.'],
    ],
  );
});

test('importEcrPolicy() expires by the last pull, and by the push where none is known', () => {
  const images = {
    a: { tags: ['a'], pushed: 50, pulled: 10 },
    b: { tags: ['b'], pushed: 50, pulled: 40 },
    c: { tags: ['c'], pushed: 31 },
    d: { tags: ['d'], pushed: 30 },
  };
  const text = policyOf(ageOf(30, { tagStatus: 'any' }, 'sinceImagePulled'));
  const result = plan(text, snapshotOf(images));
  assert.deepEqual(deletedImages(images, result), ['b', 'c']);
  assert.equal(
    result.entries.find(({ tag }) => tag === 'c')?.reason,
    'No pull is known, and it was pushed 31d ago, longer than 30d.',
  );
  assert.equal(importEcrPolicy(text, ['**']).notes.length, 1);
});

test('importEcrPolicy() counts what an index lists, and does not expire it before the index', () => {
  const images: Readonly<Record<string, ExampleImage>> = {
    old: { tags: ['v1'], pushed: 9 },
    oldChild: { pushed: 9, listedBy: ['old'] },
    new: { tags: ['v2'], pushed: 1 },
    newChild: { pushed: 9, listedBy: ['new'] },
    youngChild: { pushed: 1, listedBy: ['old'] },
    signature: { pushed: 9, subject: 'new' },
    oldSignature: { pushed: 1, subject: 'old' },
  };
  const text = policyOf(ageOf(5, { tagStatus: 'any' }));
  const result = plan(text, snapshotOf(images));
  assert.deepEqual(deletedImages(images, result), ['old', 'oldChild', 'oldSignature']);
  const taggedOnly = plan(policyOf(ageOf(5, { tagStatus: 'tagged', tagPatternList: ['*'] })), snapshotOf(images));
  assert.deepEqual(deletedImages(images, taggedOnly), ['old', 'oldSignature']);
});

test('importEcrPolicy() takes a pull by a tag for a pull of the image', () => {
  const snapshot = snapshotOf({ a: { tags: ['a', 'b'], pushed: 50, pulled: 40 } });
  const text = policyOf(ageOf(30, { tagStatus: 'any' }, 'sinceImagePulled'));
  const tags = snapshot.tags.map((tag, index) => ({ ...tag, pulledAt: now - (index === 0 ? 45 : 3) * day }));
  assert.equal(plan(text, { ...snapshot, tags }).manifests.delete, 0);
  assert.equal(plan(text, snapshot).manifests.delete, 1);
});

test('an immutable tag keeps its whole image', () => {
  const images = { a: { tags: ['v1', 'dev'], pushed: 9 }, b: { tags: ['w'], pushed: 9 } };
  const immutable = compileImmutableRules([{ name: 'releases', tags: ['v*'] }]);
  const result = plan(policyOf(ageOf(5, { tagStatus: 'any' })), snapshotOf(images), { immutable });
  assert.deepEqual(tagsWith(result, 'skip'), ['dev', 'v1']);
  assert.deepEqual(deletedImages(images, result), ['b']);
  assert.equal(
    result.entries.find(({ tag }) => tag === 'dev')?.reason,
    'It is one image with tag v1, which rule "releases" holds.',
  );
});

test('importEcrPolicy() is about the repositories that it is for', () => {
  const snapshot = snapshotOf({ a: { tags: ['a'], pushed: 99 } }, 'team/app');
  const text = policyOf(ageOf(5, { tagStatus: 'any' }));
  for (const [repositories, expired] of [
    [['team/*'], 1],
    [['other/*', 'team/app'], 1],
    [['other/*'], 0],
  ] as const) {
    const result = planRetention(importEcrPolicy(text, repositories).policy, snapshot, now);
    assert.equal(result.manifests.delete, expired);
  }
});

test('importEcrPolicy() refuses what ECR refuses and what cannot be done here, and names the place', () => {
  const any = { tagStatus: 'any' };
  const rule = (over: object): object => ({ rulePriority: 1, selection: countOf(1, any), action: expire, ...over });
  const one = (over: object): string => JSON.stringify({ rules: [rule(over)] });
  const untagged = countOf(1, { tagStatus: 'untagged' });
  const cases: readonly (readonly [string, string, string])[] = [
    ['{', 'POLICY_INVALID', 'The text is not JSON'],
    ['[]', 'POLICY_INVALID', '$ '],
    ['{}', 'POLICY_INVALID', '$.rules '],
    ['{"rules":[]}', 'POLICY_INVALID', '$.rules '],
    ['{"rules":[],"rules":[]}', 'POLICY_INVALID', 'The JSON has the name'],
    [JSON.stringify({ rules: [rule({})], version: 1 }), 'POLICY_INVALID', '$.version is not known'],
    [one({ rulePriority: 0 }), 'POLICY_INVALID', '$.rules[0].rulePriority '],
    [one({ rulePriority: 1.5 }), 'POLICY_INVALID', '$.rules[0].rulePriority '],
    [one({ priority: 1 }), 'POLICY_INVALID', '$.rules[0].priority is not known'],
    [one({ description: 7 }), 'POLICY_INVALID', '$.rules[0].description '],
    [one({ selection: countOf(1, { tagStatus: 'ANY' }) }), 'POLICY_INVALID', '$.rules[0].selection.tagStatus '],
    [one({ selection: countOf(0, any) }), 'POLICY_INVALID', '$.rules[0].selection.countNumber '],
    [one({ selection: { ...any, countNumber: 1 } }), 'POLICY_INVALID', '$.rules[0].selection.countType '],
    [
      one({ selection: countOf(1, { ...any, countUnit: 'days' }) }),
      'POLICY_INVALID',
      '$.rules[0].selection.countUnit ',
    ],
    [one({ selection: { ...ageOf(1, any), countUnit: 'hours' } }), 'POLICY_INVALID', '$.rules[0].selection.countUnit '],
    [
      one({ selection: countOf(1, { ...any, countType: 'sinceImagePushed' }) }),
      'POLICY_INVALID',
      '$.rules[0].selection.countUnit ',
    ],
    [one({ selection: countOf(1, { tagStatus: 'tagged' }) }), 'POLICY_INVALID', '$.rules[0].selection '],
    [one({ selection: countOf(1, { ...prod, tagPrefixList: ['a'] }) }), 'POLICY_INVALID', '$.rules[0].selection '],
    [one({ selection: countOf(1, { ...prod, tagStatus: 'any' }) }), 'POLICY_INVALID', '$.rules[0].selection '],
    [
      one({ selection: countOf(1, { ...prod, tagPatternList: [] }) }),
      'POLICY_INVALID',
      '$.rules[0].selection.tagPatternList ',
    ],
    [
      one({ selection: countOf(1, { ...prod, tagPatternList: ['a', '*a*b*c*d*'] }) }),
      'POLICY_INVALID',
      '$.rules[0].selection.tagPatternList[1] ',
    ],
    [
      one({ selection: countOf(1, { ...any, image: 'a' }) }),
      'POLICY_INVALID',
      '$.rules[0].selection.image is not known',
    ],
    [one({ action: { type: 'delete' } }), 'POLICY_INVALID', '$.rules[0].action.type '],
    [
      one({ action: { ...expire, targetStorageClass: 'archive' } }),
      'POLICY_INVALID',
      '$.rules[0].action.targetStorageClass ',
    ],
    [
      one({ action: { type: 'transition', targetStorageClass: 'archive' } }),
      'RULE_UNSUPPORTED',
      '$.rules[0].action.type ',
    ],
    [
      one({ selection: countOf(1, { ...any, storageClass: 'archive' }) }),
      'RULE_UNSUPPORTED',
      '$.rules[0].selection.storageClass ',
    ],
    [
      one({ selection: ageOf(90, any, 'sinceImageTransitioned') }),
      'RULE_UNSUPPORTED',
      '$.rules[0].selection.countType ',
    ],
    [
      JSON.stringify({ rules: [rule({}), rule({ selection: untagged })] }),
      'POLICY_INVALID',
      '$.rules[1].rulePriority ',
    ],
    [policyOf(countOf(1, any), untagged), 'POLICY_INVALID', '$.rules[0].rulePriority '],
    [policyOf(untagged, ageOf(1, { tagStatus: 'untagged' })), 'POLICY_INVALID', '$.rules[1].selection '],
    [policyOf(countOf(1, any), countOf(2, any)), 'POLICY_INVALID', '$.rules[1].selection '],
    [
      policyOf(countOf(1, prod), countOf(2, { tagStatus: 'tagged', tagPrefixList: ['prod'] })),
      'POLICY_INVALID',
      '$.rules[1].selection ',
    ],
    [`{"rules":${'['.repeat(50)}${']'.repeat(50)}}`, 'POLICY_INVALID', 'The JSON nests deeper'],
    [`${' '.repeat(300_000)}{}`, 'LIMIT_EXCEEDED', 'The policy has'],
  ];
  for (const [text, code, start] of cases) {
    assert.throws(
      () => importEcrPolicy(text, ['**']),
      (error: Error & { code?: string }) => error.code === code && error.message.startsWith(start),
      `${start} ${text.slice(0, 200)}`,
    );
  }
});

/** ECR's rules of evaluation once more, as plainly as they are told: mark for every rule, then apply by priority. */
function expiredNaively(selections: readonly Selection[], { tags, manifests }: RepositorySnapshot): readonly string[] {
  const namesOf = (digest: string): readonly string[] =>
    tags.flatMap((tag) => (tag.digest === digest ? [tag.name] : []));
  const selected = selections.map(({ tagStatus, tagPatternList }) =>
    manifests.filter(({ digest }) => {
      const names = namesOf(digest);
      if (tagStatus === 'any') return true;
      if (tagStatus === 'untagged') return names.length === 0;
      const prefixes = (tagPatternList as readonly string[]).map((pattern) => pattern.slice(0, -1));
      return names.length > 0 && prefixes.every((prefix) => names.some((name) => name.startsWith(prefix)));
    }),
  );
  const marked = selections.map(({ countType, countNumber }, rule) => {
    const images = (selected[rule] ?? []).toSorted((a, b) => b.pushedAt - a.pushedAt || (a.digest < b.digest ? -1 : 1));
    if (countType === 'imageCountMoreThan') return images.slice(countNumber as number);
    const limit = now - (countNumber as number) * day;
    return images.filter(
      ({ pushedAt, pulledAt }) => (countType === 'sinceImagePushed' ? pushedAt : (pulledAt ?? pushedAt)) < limit,
    );
  });
  const expired = new Set<string>();
  for (const [rule, images] of marked.entries()) {
    for (const image of images) {
      if (!selected.slice(0, rule).some((higher) => higher.includes(image))) expired.add(image.digest);
    }
  }
  return [...expired].sort();
}

const tagged = fc.uniqueArray(fc.constantFrom('v', 'v1', 'dev-', 'prod-', 'beta-', 'l', ''), {
  minLength: 1,
  maxLength: 2,
});

const selections = fc
  .record({
    tagged: fc.uniqueArray(tagged, { maxLength: 3, selector: (list) => list.toSorted().join(' ') }),
    untagged: fc.boolean(),
    any: fc.boolean(),
    places: fc.array(fc.nat(3), { minLength: 4, maxLength: 4 }),
    counts: fc.array(
      fc.tuple(
        fc.constantFrom('imageCountMoreThan', 'sinceImagePushed', 'sinceImagePulled'),
        fc.integer({ min: 1, max: 40 }),
      ),
      {
        minLength: 5,
        maxLength: 5,
      },
    ),
  })
  .map(({ tagged: lists, untagged, any, places, counts }) => {
    const statuses: Selection[] = lists.map((list) => ({
      tagStatus: 'tagged',
      tagPatternList: list.map((prefix) => `${prefix}*`),
    }));
    if (untagged) statuses.splice((places[0] ?? 0) % (statuses.length + 1), 0, { tagStatus: 'untagged' });
    if (any || statuses.length === 0) statuses.push({ tagStatus: 'any' });
    return statuses.map((status, index): Selection => {
      const [countType, countNumber] = counts[index] ?? ['imageCountMoreThan', 1];
      if (countType === 'imageCountMoreThan') return { ...status, countType, countNumber: 1 + (countNumber % 4) };
      return { ...status, countType, countUnit: 'days', countNumber };
    });
  });

test('importEcrPolicy() agrees with a plain reading of the rules, where nothing is linked', () => {
  const unlinked = arbitrarySnapshot.map((snapshot): RepositorySnapshot => ({
    ...snapshot,
    tags: snapshot.tags.filter(({ name }) => !name.startsWith('sha256-')),
    manifests: snapshot.manifests.map((manifest) => ({ ...manifest, subject: undefined, referencedBy: [] })),
  }));
  fc.assert(
    fc.property(selections, unlinked, (rules, snapshot) => {
      const result = plan(policyOf(...rules), snapshot);
      const gone = result.entries.filter(({ tag, action }) => tag === undefined && action === 'delete');
      assert.deepEqual(gone.map(({ digest }) => digest).sort(), expiredNaively(rules, snapshot));
      const tags = result.entries.filter(({ tag, action }) => tag !== undefined && action === 'delete');
      assert.ok(tags.every(({ digest }) => gone.some((image) => image.digest === digest)));
    }),
    { numRuns: 400 },
  );
});

test('an imported policy breaks no promise whatever is linked', () => {
  fc.assert(
    fc.property(selections, arbitrarySnapshot, (rules, snapshot) => {
      assert.deepEqual(brokenPromises(snapshot, plan(policyOf(...rules), snapshot)), []);
    }),
    { numRuns: 300 },
  );
});

test('importing is total: any text is imported or refused with a code', () => {
  const text = fc.oneof(
    fc.string(),
    fc.json(),
    fc.json().map((value) => `{"rules":[${value}]}`),
  );
  fc.assert(
    fc.property(text, (value) => {
      try {
        importEcrPolicy(value, ['**']);
      } catch (error) {
        assert.equal((error as Error).name, 'RuleError');
      }
    }),
    { numRuns: 300 },
  );
});
