import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { arbitrarySnapshot, day, now } from '../../../../../testing/registry/retention-model.ts';
import { planRetention } from '../plan.ts';
import type { RetentionPolicy } from '../policy.ts';
import { compileRetentionRules } from '../rules/compile.ts';
import type { RepositorySnapshot } from '../snapshot.ts';
import { importEcrPolicy } from './ecr/import.ts';
import { readEcrSettings } from './ecr/read-settings.ts';
import { ecrPolicyToSettings } from './ecr/to-settings.ts';
import { importHarborPolicy } from './harbor/import.ts';
import { readHarborSettings } from './harbor/read-settings.ts';
import { harborPolicyToSettings } from './harbor/to-settings.ts';
import type { ImportedSettings } from './imported-settings.ts';

function ecrPolicy(...rules: readonly (readonly [selection: object, action?: object])[]): string {
  const listed = rules.map(([selection, action = { type: 'expire' }], index) => ({
    rulePriority: index + 1,
    selection,
    action,
  }));
  return JSON.stringify({ rules: listed });
}

const older = (days: number): object => ({ countType: 'sinceImagePushed', countUnit: 'days', countNumber: days });
const beyond = (count: number): object => ({ countType: 'imageCountMoreThan', countNumber: count });
const tagged = (...tags: readonly string[]): object => ({ tagStatus: 'tagged', tagPatternList: tags });

/** Notes in short: what is lost, and what differs. */
function told({ notes }: ImportedSettings): readonly string[] {
  return notes.map(({ lost, path, why }) => `${lost ? 'lost' : 'note'} ${path} ${why}`);
}

test('ecrPolicyToSettings() lets earlier rules decide first', () => {
  const text = ecrPolicy(
    [{ ...tagged('prod*'), ...beyond(5) }],
    [{ tagStatus: 'untagged', ...older(1) }],
    [{ ...tagged('dev-*'), countType: 'sinceImagePulled', countUnit: 'days', countNumber: 9 }],
    [{ tagStatus: 'any', ...older(30) }],
  );
  const settings = ecrPolicyToSettings(text, ['team/**']);
  const repositories = ['team/**'];
  assert.deepEqual(settings.retention, [
    { name: 'ECR rule 1', kind: 'delete', repositories, tags: ['prod*'], beyondNewest: 5 },
    { name: 'ECR rule 2 untagged', kind: 'delete-untagged', repositories, olderThan: '1d' },
    { name: 'ECR rule 3', kind: 'delete', repositories, tags: ['dev-*'], except: ['prod*'], notPulledFor: '9d' },
    { name: 'ECR rule 4', kind: 'delete', repositories, except: ['prod*', 'dev-*'], olderThan: '30d' },
  ]);
  assert.deepEqual(told(settings), ['note $.rules[0] counts tags here, where ECR counts images that may have several']);
});

const losses: readonly (readonly [selection: object, action: object | undefined, rules: number, why: RegExp])[] = [
  [{ ...tagged('a*', 'b*'), ...older(1) }, undefined, 0, /^lost \$\.rules\[0\] is left out: .*"a\*" and "b\*"/],
  [{ ...tagged('a b'), ...older(1) }, undefined, 0, /^note \$\.rules\[0\] is left out: no tag can match "a b"$/],
  [{ tagStatus: 'untagged', ...beyond(3) }, undefined, 0, /^lost .*no untagged images/],
  [{ tagStatus: 'any', ...beyond(3) }, undefined, 1, /^note .*\nlost .*no untagged images/],
  [
    { ...tagged('a'), ...older(1) },
    { type: 'transition', targetStorageClass: 'archive' },
    0,
    /^lost \$\.rules\[0\] is left out: is transition/,
  ],
];

for (const [selection, action, rules, why] of losses) {
  test(`ecrPolicyToSettings() tells what it cannot say: ${JSON.stringify(selection)}`, () => {
    const settings = ecrPolicyToSettings(ecrPolicy(action === undefined ? [selection] : [selection, action]), ['**']);
    assert.equal(settings.retention.length, rules);
    assert.match(told(settings).join('\n'), why);
  });
}

test('readEcrSettings() reads what the command line of ECR shows', () => {
  const policy = ecrPolicy([{ ...tagged('a'), ...older(1) }]);
  const shown = JSON.stringify({ registryId: '1', repositoryName: 'team/app', lifecyclePolicyText: policy });
  assert.deepEqual(readEcrSettings(shown, []).retention[0]?.repositories, ['team/app']);
  assert.deepEqual(readEcrSettings(shown, ['x/**']).retention[0]?.repositories, ['x/**']);
  assert.throws(() => readEcrSettings(policy, []), { code: 'POLICY_INVALID', message: /--repository/ });
  for (const bad of ['', '[]', '{"rules":1}', '{"repositories":[{}]}', '{"rules":[],"rules":[]}']) {
    assert.throws(() => readEcrSettings(bad, ['**']), { code: 'POLICY_INVALID' }, bad);
  }
  const mutability = (imageTagMutability: string, ...filters: readonly string[]): object => ({
    repositoryName: `r-${imageTagMutability.toLowerCase()}`,
    imageTagMutability,
    ...(filters.length === 0
      ? {}
      : { imageTagMutabilityExclusionFilters: filters.map((filter) => ({ filterType: 'WILDCARD', filter })) }),
  });
  const repositories = [
    mutability('IMMUTABLE'),
    mutability('MUTABLE'),
    mutability('IMMUTABLE_WITH_EXCLUSION', 'latest', 'dev**'),
    mutability('MUTABLE_WITH_EXCLUSION', 'v*'),
  ];
  assert.deepEqual(readEcrSettings(JSON.stringify({ repositories }), []).immutable, [
    { name: 'ECR r-immutable', repositories: ['r-immutable'] },
    {
      name: 'ECR r-immutable_with_exclusion',
      repositories: ['r-immutable_with_exclusion'],
      except: ['latest', 'dev*'],
    },
    { name: 'ECR r-mutable_with_exclusion', repositories: ['r-mutable_with_exclusion'], tags: ['v*'] },
  ]);
});

interface HarborOptions {
  readonly tags?: string;
  readonly untagged?: boolean;
  readonly over?: object;
}

function harborRule(
  template: string,
  value?: number,
  { tags = '**', untagged = false, over = {} }: HarborOptions = {},
): object {
  return {
    action: 'retain',
    template,
    params: value === undefined ? {} : { [template]: value },
    tag_selectors: [{ kind: 'doublestar', decoration: 'matches', pattern: tags, extras: JSON.stringify({ untagged }) }],
    scope_selectors: { repository: [{ kind: 'doublestar', decoration: 'repoMatches', pattern: '**' }] },
    ...over,
  };
}

function harborPolicy(rules: readonly object[], cron = '0 0 3 * * *'): string {
  const trigger = { kind: 'Schedule', settings: { cron } };
  return JSON.stringify({ algorithm: 'or', rules, trigger, scope: { level: 'project', ref: 1 } });
}

test('harborPolicyToSettings() keeps what is retained, and lets the rest go', () => {
  const text = harborPolicy([harborRule('latestPushedK', 5, { tags: 'v*' }), harborRule('nDaysSinceLastPull', 30)]);
  const settings = harborPolicyToSettings(text, 'team');
  const repositories = ['team/**'];
  assert.deepEqual(settings.retention, [
    { name: 'Harbor rule 1', kind: 'keep', repositories, tags: ['v*'], newest: 5 },
    { name: 'Harbor rule 2', kind: 'keep', repositories, pulledWithin: '30d' },
    { name: 'Harbor policy', kind: 'delete', repositories, beyondNewest: 0 },
    { name: 'Harbor policy untagged', kind: 'delete-untagged', repositories, olderThan: '1d' },
  ]);
  assert.equal(settings.schedule, '0 3 * * *');
  assert.deepEqual(told(settings), [
    'note $.rules[0] counts tags here, where Harbor counts images that may have several',
    'note $.rules remove untagged images after 1d here, not at once',
  ]);
});

test('harborPolicyToSettings() deletes nothing when a rule that retains cannot be written', () => {
  const several = {
    tag_selectors: Array.from({ length: 2 }, () => ({ kind: 'doublestar', decoration: 'matches', pattern: 'a' })),
  };
  for (const rule of [harborRule('always', undefined, { over: several }), harborRule('of tomorrow')]) {
    const settings = harborPolicyToSettings(
      harborPolicy([rule, harborRule('always', undefined, { tags: 'v*' })]),
      'team',
    );
    assert.deepEqual(
      settings.retention.map(({ kind }) => kind),
      ['keep'],
    );
    assert.match(told(settings).join('\n'), /^lost \$\.rules\[0\] is left out: .*\nlost \$\.rules delete nothing here/);
  }
});

test('harborPolicyToSettings() minds untagged images, disabled rules and other schedules', () => {
  const kinds = (rules: readonly object[]): readonly (string | undefined)[] =>
    harborPolicyToSettings(harborPolicy(rules), 'team').retention.map(
      (rule) => `${rule.kind}${rule.kind === 'delete-untagged' ? ` ${rule.olderThan}` : ''}`,
    );
  assert.deepEqual(kinds([harborRule('always', undefined, { untagged: true })]), ['keep', 'delete']);
  assert.deepEqual(kinds([harborRule('nDaysSinceLastPush', 9, { untagged: true })]), [
    'keep',
    'delete',
    'delete-untagged 9d',
  ]);
  assert.deepEqual(kinds([harborRule('latestPushedK', 0)]), ['delete', 'delete-untagged 1d']);
  assert.deepEqual(kinds([harborRule('always', undefined, { over: { disabled: true } })]), []);
  const counted = harborPolicyToSettings(
    harborPolicy([harborRule('latestPushedK', 3, { untagged: true })], '5 0 3 * * *'),
    'a',
  );
  assert.match(told(counted).join('\n'), /lost \$\.trigger\.settings\.cron .*\nlost \$\.rules remove no untagged/);
  assert.equal(counted.schedule, undefined);
});

test('readHarborSettings() reads the rules for immutable tags', () => {
  const over = { action: 'immutable', template: 'immutable_template' };
  const excludes = [{ kind: 'doublestar', decoration: 'excludes', pattern: 'dev-*' }];
  const rules = [
    harborRule('', undefined, { tags: 'v*', over }),
    harborRule('', undefined, { over: { ...over, tag_selectors: excludes } }),
    harborRule('', undefined, { over: { ...over, disabled: true } }),
    harborRule('always'),
  ];
  const settings = readHarborSettings(JSON.stringify(rules), 'team');
  assert.deepEqual(settings.immutable, [
    { name: 'Harbor immutable 1', repositories: ['team/**'], tags: ['v*'] },
    { name: 'Harbor immutable 2', repositories: ['team/**'], except: ['dev-*'] },
  ]);
  assert.deepEqual(
    told(settings).map((note) => note.slice(0, 20)),
    ['note $[2] is left ou', 'lost $[3] is left ou'],
  );
  assert.equal(readHarborSettings(harborPolicy([harborRule('always')]), 'team').retention.length, 3);
});

/**
 * One tag for each image, all times those of the image and no two alike (which of two goes is open, at ECR too), and nothing listed
 * by another: there both ways count alike.
 */
function plain({ repository, tags, manifests }: RepositorySnapshot): RepositorySnapshot {
  const seen = new Set<string>();
  const own = manifests.map((manifest, at) => ({
    ...manifest,
    pushedAt: manifest.pushedAt + at,
    referencedBy: [],
    subject: undefined,
    pulledAt: undefined,
  }));
  const byDigest = new Map(own.map((manifest) => [manifest.digest, manifest]));
  const first = tags.flatMap((tag) => {
    const manifest = byDigest.get(tag.digest);
    if (manifest === undefined || tag.name.startsWith('sha256-') || seen.has(tag.digest)) return [];
    seen.add(tag.digest);
    return [{ ...tag, pushedAt: manifest.pushedAt, pulledAt: undefined }];
  });
  return { repository, tags: first, manifests: own };
}

function deleted(policy: RetentionPolicy, snapshot: RepositorySnapshot): ReadonlySet<string> {
  const { entries } = planRetention(policy, snapshot, now, { untaggedGrace: day });
  return new Set(
    entries.filter(({ tag, action }) => tag === undefined && action === 'delete').map(({ digest }) => digest),
  );
}

function assertKeepsAll(
  text: string,
  original: RetentionPolicy,
  { retention }: ImportedSettings,
  snapshot: RepositorySnapshot,
): void {
  const theirs = deleted(original, snapshot);
  for (const digest of deleted(compileRetentionRules(retention), snapshot)) {
    assert.ok(theirs.has(digest), `${digest} would have stayed under ${text}`);
  }
}

const patternLists = fc.array(fc.constantFrom('v*', 'dev-*', 'prod-*', '*-1', 'latest', '*'), {
  minLength: 1,
  maxLength: 2,
});
const counts = fc.oneof(fc.integer({ min: 1, max: 60 }).map(older), fc.integer({ min: 1, max: 4 }).map(beyond));

test('rules of ECR, written as settings, delete nothing that ECR keeps', () => {
  const rule = fc
    .tuple(patternLists, counts)
    .map(([list, count]) => [{ ...tagged(...new Set(list)), ...count }] as const);
  const last = fc.option(fc.tuple(fc.constantFrom('any', 'untagged'), counts));
  fc.assert(
    fc.property(fc.array(rule, { maxLength: 3 }), last, arbitrarySnapshot, (rules, end, given) => {
      const distinct = [...new Map(rules.map((one) => [JSON.stringify(Object.values(one[0])[1]), one])).values()];
      const ends = end === null ? [] : [[{ tagStatus: end[0], ...end[1] }] as const];
      if (distinct.length + ends.length === 0) return;
      const text = ecrPolicy(...distinct, ...ends);
      let original: RetentionPolicy;
      try {
        original = importEcrPolicy(text, ['**']).policy;
      } catch {
        // Two lists with the same patterns.
        return;
      }
      assertKeepsAll(text, original, ecrPolicyToSettings(text, ['**']), plain(given));
    }),
    { numRuns: 300 },
  );
});

test('rules of Harbor, written as settings, delete nothing that Harbor keeps', () => {
  const rule = fc
    .record({
      template: fc.constantFrom('always', 'latestPushedK', 'latestActiveK', 'nDaysSinceLastPush', 'nDaysSinceLastPull'),
      value: fc.integer({ min: 0, max: 20 }),
      tags: fc.constantFrom('**', 'v*', '{dev-*,prod-*}'),
      untagged: fc.boolean(),
    })
    .map(({ template, value, tags, untagged }) =>
      harborRule(template, template === 'always' ? undefined : value, { tags, untagged }),
    );
  fc.assert(
    fc.property(fc.array(rule, { minLength: 1, maxLength: 3 }), arbitrarySnapshot, (rules, given) => {
      const text = harborPolicy(rules);
      assertKeepsAll(text, importHarborPolicy(text, 'team').policy, harborPolicyToSettings(text, 'team'), plain(given));
    }),
    { numRuns: 300 },
  );
});
