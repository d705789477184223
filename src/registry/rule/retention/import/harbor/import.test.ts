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
  type ExampleImage,
} from '../../../../../../testing/registry/retention-model.ts';
import { compileImmutableRules } from '../../../immutable/compile.ts';
import { planRetention, type Plan } from '../../plan.ts';
import type { RepositorySnapshot } from '../../snapshot.ts';
import { importHarborPolicy } from './import.ts';

interface RuleOptions {
  readonly template: string;
  readonly value?: unknown;
  readonly tags?: string;
  readonly decoration?: string;
  readonly extras?: string;
  readonly repositories?: string;
  readonly repositoryDecoration?: string;
  readonly over?: object;
}

function ruleOf(options: RuleOptions): object {
  const { template, value, tags = '**', decoration = 'matches', extras = '{"untagged":false}' } = options;
  const { repositories = '**', repositoryDecoration = 'repoMatches', over = {} } = options;
  return {
    id: 7,
    priority: 0,
    disabled: false,
    action: 'retain',
    template,
    params: value === undefined ? {} : { [template]: value },
    tag_selectors: [{ kind: 'doublestar', decoration, pattern: tags, extras }],
    scope_selectors: { repository: [{ kind: 'doublestar', decoration: repositoryDecoration, pattern: repositories }] },
    ...over,
  };
}

function policyOf(rules: readonly object[], over: object = {}): string {
  return JSON.stringify({
    id: 1,
    algorithm: 'or',
    rules,
    trigger: { kind: 'Schedule', settings: { cron: '0 0 0 * * *' }, references: { job_id: 3 } },
    scope: { level: 'project', ref: 2 },
    ...over,
  });
}

function plan(text: string, snapshot: RepositorySnapshot): Plan {
  return planRetention(importHarborPolicy(text, 'team').policy, snapshot, now, { untaggedGrace: 0 });
}

const images: Readonly<Record<string, ExampleImage>> = {
  a: { tags: ['4.0', 'stable'], pushed: 40 },
  b: { tags: ['4.1'], pushed: 30, pulled: 1 },
  c: { tags: ['latest'], pushed: 20, pulled: 19 },
  d: { tags: ['dev'], pushed: 5 },
  e: { pushed: 3 },
};

test('importHarborPolicy() deletes what no rule retains', () => {
  const box = (untagged: boolean): string => JSON.stringify({ untagged });
  const cases: readonly (readonly [readonly RuleOptions[], readonly string[]])[] = [
    [[{ template: 'always' }], ['e']],
    [[{ template: 'always', extras: box(true) }], []],
    [[{ template: 'always', extras: '' }], []],
    [[{ template: 'always', tags: '{latest,4.*}' }], ['d', 'e']],
    [[{ template: 'always', tags: '4.*', decoration: 'excludes', extras: box(true) }], ['b', 'e']],
    [[{ template: 'always', tags: '4.*', decoration: 'excludes', extras: box(false) }], ['b']],
    [[{ template: 'always', tags: '{4.*,stable}', decoration: 'excludes', extras: '' }], ['a', 'b']],
    [[{ template: 'latestPushedK', value: 2 }], ['a', 'b', 'e']],
    [[{ template: 'latestPushedK', value: 2, extras: box(true) }], ['a', 'b', 'c']],
    [[{ template: 'latestPushedK', value: 0 }], ['a', 'b', 'c', 'd', 'e']],
    [[{ template: 'latestPulledN', value: 1 }], ['a', 'c', 'd', 'e']],
    [[{ template: 'latestPulledN', value: 3 }], ['a', 'e']],
    [[{ template: 'latestActiveK', value: 2 }], ['a', 'c', 'e']],
    [[{ template: 'nDaysSinceLastPush', value: 30 }], ['a', 'e']],
    [[{ template: 'lastXDays', value: 6 }], ['a', 'b', 'c', 'e']],
    [[{ template: 'nDaysSinceLastPull', value: 6 }], ['a', 'c', 'e']],
    [
      [
        { template: 'latestPushedK', value: 1 },
        { template: 'always', tags: '4.0' },
      ],
      ['b', 'c', 'e'],
    ],
    [[{ template: 'always', repositories: 'ap?' }], ['e']],
    [[{ template: 'always', repositories: 'other/**' }], []],
    [[{ template: 'always', repositories: 'app', repositoryDecoration: 'repoExcludes' }], []],
    [[{ template: 'always', tags: 'none', over: { disabled: true } }], []],
    [
      [
        { template: 'always', over: { disabled: true } },
        { template: 'always', tags: 'dev' },
      ],
      ['a', 'b', 'c', 'e'],
    ],
    [[], []],
  ];
  for (const [rules, deleted] of cases) {
    const result = plan(policyOf(rules.map(ruleOf)), snapshotOf(images));
    assert.deepEqual(deletedImages(images, result), deleted, JSON.stringify(rules));
  }
});

test('importHarborPolicy() is about the repositories of its project alone', () => {
  const text = policyOf([ruleOf({ template: 'always', tags: 'none' })]);
  for (const [repository, deleted] of [
    ['team/app', 5],
    ['team/app/web', 5],
    ['teams/app', 0],
    ['team', 0],
    ['other/team/app', 0],
  ] as const) {
    assert.equal(plan(text, snapshotOf(images, repository)).manifests.delete, deleted, repository);
  }
});

test('importHarborPolicy() names the rule that retains, and the policy where none does', () => {
  const result = plan(policyOf([ruleOf({ template: 'latestPulledN', value: 1 })]), snapshotOf(images));
  const told = (name: string): unknown => {
    const entry = result.entries.find(({ tag }) => tag === name);
    return [entry?.action, entry?.rule, entry?.reason];
  };
  assert.deepEqual(told('4.1'), ['keep', 'Harbor rule 1 (latestPulledN)', 'Number 1 by pull, among the newest 1.']);
  assert.deepEqual(told('dev'), ['delete', 'Harbor retention policy', 'None of its rules retains it.']);
  const imported = importHarborPolicy(policyOf([ruleOf({ template: 'always', over: { disabled: true } })]), 'team');
  assert.equal(imported.schedule, '0 0 0 * * *');
  assert.deepEqual(imported.notes, ['$.rules[0] is disabled and decides nothing, as in Harbor.']);
});

test('importHarborPolicy() lets indexes and attachments go and stay whole, and skips the immutable', () => {
  const linked: Readonly<Record<string, ExampleImage>> = {
    kept: { tags: ['v2'], pushed: 1 },
    keptChild: { pushed: 40, listedBy: ['kept'] },
    keptSignature: { pushed: 40, subject: 'kept' },
    gone: { tags: ['v1'], pushed: 40 },
    goneChild: { pushed: 1, listedBy: ['gone'] },
    held: { tags: ['v0', 'held'], pushed: 40 },
  };
  const text = policyOf([ruleOf({ template: 'nDaysSinceLastPush', value: 7 })]);
  const immutable = compileImmutableRules([{ name: 'i', tags: ['held'] }]);
  const { policy } = importHarborPolicy(text, 'team');
  const result = planRetention(policy, snapshotOf(linked), now, { immutable });
  assert.deepEqual(deletedImages(linked, result), ['gone', 'goneChild']);
  assert.equal(result.tags.skip, 2);
});

test('importHarborPolicy() refuses what it cannot express, and names the place', () => {
  const always = ruleOf({ template: 'always' });
  const selector = { kind: 'doublestar', decoration: 'matches', pattern: '**' };
  const one = (over: object): string => policyOf([{ ...always, ...over }]);
  const tag = (over: object): string => one({ tag_selectors: [selector, { ...selector, ...over }] });
  const scope = (over: object): string =>
    one({ scope_selectors: { repository: [{ ...selector, decoration: 'repoMatches', ...over }] } });
  const cases: readonly (readonly [string, string, string])[] = [
    ['', 'POLICY_INVALID', 'The text is not JSON'],
    ['null', 'POLICY_INVALID', '$ '],
    [policyOf([], { algorithm: 'and' }), 'RULE_UNSUPPORTED', '$.algorithm '],
    [policyOf([], { scope: { level: 'system', ref: 0 } }), 'RULE_UNSUPPORTED', '$.scope.level '],
    [policyOf([], { name: 'x' }), 'POLICY_INVALID', '$.name is not known'],
    [policyOf(Array.from({ length: 16 }, () => always)), 'POLICY_INVALID', '$.rules '],
    [one({ action: 'immutable' }), 'RULE_UNSUPPORTED', '$.rules[0].action '],
    [one({ template: 'nothing' }), 'RULE_UNSUPPORTED', '$.rules[0].template '],
    [one({ when: 'later' }), 'POLICY_INVALID', '$.rules[0].when is not known'],
    [one({ params: { latestPushedK: 1 } }), 'RULE_UNSUPPORTED', '$.rules[0].params '],
    [one({ template: 'latestPushedK', params: {} }), 'POLICY_INVALID', '$.rules[0].params.latestPushedK '],
    [
      one({ template: 'latestPushedK', params: { latestPushedK: -1 } }),
      'POLICY_INVALID',
      '$.rules[0].params.latestPushedK ',
    ],
    [
      one({ template: 'latestPushedK', params: { latestPushedK: '3' } }),
      'POLICY_INVALID',
      '$.rules[0].params.latestPushedK ',
    ],
    [
      one({ template: 'latestPushedK', params: { latestPushedK: 32_767 } }),
      'POLICY_INVALID',
      '$.rules[0].params.latestPushedK ',
    ],
    [one({ template: 'lastXDays', params: { lastXDays: 3, x: 1 } }), 'RULE_UNSUPPORTED', '$.rules[0].params '],
    [one({ tag_selectors: [] }), 'POLICY_INVALID', '$.rules[0].tag_selectors '],
    [tag({ kind: 'label' }), 'RULE_UNSUPPORTED', '$.rules[0].tag_selectors[1].kind '],
    [tag({ decoration: 'with' }), 'RULE_UNSUPPORTED', '$.rules[0].tag_selectors[1].decoration '],
    [tag({ pattern: '' }), 'POLICY_INVALID', '$.rules[0].tag_selectors[1].pattern '],
    [tag({ pattern: '[' }), 'POLICY_INVALID', '$.rules[0].tag_selectors[1].pattern '],
    [tag({ extras: '{' }), 'POLICY_INVALID', '$.rules[0].tag_selectors[1].extras '],
    [tag({ extras: '{"untagged":1}' }), 'RULE_UNSUPPORTED', '$.rules[0].tag_selectors[1].extras '],
    [tag({ extras: '{"untagged":true,"x":1}' }), 'RULE_UNSUPPORTED', '$.rules[0].tag_selectors[1].extras '],
    [tag({ extras: '[]' }), 'RULE_UNSUPPORTED', '$.rules[0].tag_selectors[1].extras '],
    [scope({ decoration: 'nsMatches' }), 'RULE_UNSUPPORTED', '$.rules[0].scope_selectors.repository[0].decoration '],
    [scope({ extras: '{"untagged":true}' }), 'RULE_UNSUPPORTED', '$.rules[0].scope_selectors.repository[0].extras '],
    [one({ scope_selectors: { project: [selector] } }), 'RULE_UNSUPPORTED', '$.rules[0].scope_selectors.project '],
    [one({ disabled: true, template: 'nothing' }), 'RULE_UNSUPPORTED', '$.rules[0].template '],
  ];
  for (const [text, code, start] of cases) {
    assert.throws(
      () => importHarborPolicy(text, 'team'),
      (error: Error & { code?: string }) => error.code === code && error.message.startsWith(start),
      `${start} ${text.slice(0, 300)}`,
    );
  }
});

/** Retention once more, as plainly as it is told: the union of what rules retain; the rest goes. */
function deletedNaively(rules: readonly RuleOptions[], { tags, manifests }: RepositorySnapshot): readonly string[] {
  const pushed = (digest: string, at: number): number =>
    Math.max(at, ...tags.filter((tag) => tag.digest === digest).map(({ pushedAt }) => pushedAt));
  const retained = new Set<string>();
  for (const { template, value, tags: pattern = '', extras } of rules) {
    const selected = manifests.filter(({ digest }) => {
      const names = tags.filter((tag) => tag.digest === digest).map(({ name }) => name);
      return names.length === 0
        ? extras === '{"untagged":true}'
        : names.some((name) => name.startsWith(pattern.slice(0, -1)));
    });
    const count = value as number;
    const newest = (time: (image: (typeof manifests)[number]) => number): typeof manifests =>
      selected.toSorted((a, b) => {
        const [pushedA, pushedB] = [pushed(a.digest, a.pushedAt), pushed(b.digest, b.pushedAt)];
        return time(b) - time(a) || pushedB - pushedA || (a.digest < b.digest ? -1 : 1);
      });
    const within = (time: (image: (typeof manifests)[number]) => number): typeof manifests =>
      selected.filter((image) => time(image) >= now - count * day);
    const retain: Readonly<Record<string, () => typeof manifests>> = {
      latestPushedK: () => newest((image) => pushed(image.digest, image.pushedAt)).slice(0, count),
      latestPulledN: () => newest((image) => image.pulledAt ?? -1).slice(0, count),
      nDaysSinceLastPush: () => within((image) => pushed(image.digest, image.pushedAt)),
      nDaysSinceLastPull: () => within((image) => image.pulledAt ?? pushed(image.digest, image.pushedAt)),
    };
    for (const { digest } of (retain[template] as () => typeof manifests)()) retained.add(digest);
  }
  return manifests
    .map(({ digest }) => digest as string)
    .filter((digest) => !retained.has(digest))
    .sort();
}

const rules = fc.array(
  fc.record({
    template: fc.constantFrom('latestPushedK', 'latestPulledN', 'nDaysSinceLastPush', 'nDaysSinceLastPull'),
    value: fc.integer({ min: 0, max: 8 }),
    tags: fc.constantFrom('v*', 'dev-*', 'prod-*', '*'),
    extras: fc.constantFrom('{"untagged":true}', '{"untagged":false}'),
  }),
  { minLength: 1, maxLength: 4 },
);

test('importHarborPolicy() agrees with a plain reading of the rules, where nothing is linked', () => {
  const unlinked = arbitrarySnapshot.map((snapshot): RepositorySnapshot => ({
    ...snapshot,
    tags: snapshot.tags.filter(({ name }) => !name.startsWith('sha256-')),
    manifests: snapshot.manifests.map((manifest) => ({ ...manifest, subject: undefined, referencedBy: [] })),
  }));
  fc.assert(
    fc.property(rules, unlinked, (list, snapshot) => {
      const gone = plan(policyOf(list.map(ruleOf)), snapshot).entries.filter(
        ({ tag, action }) => tag === undefined && action === 'delete',
      );
      assert.deepEqual(gone.map(({ digest }) => digest as string).sort(), deletedNaively(list, snapshot));
    }),
    { numRuns: 400 },
  );
});

test('an imported policy breaks no promise whatever is linked', () => {
  fc.assert(
    fc.property(rules, arbitrarySnapshot, (list, snapshot) => {
      assert.deepEqual(brokenPromises(snapshot, plan(policyOf(list.map(ruleOf)), snapshot)), []);
    }),
    { numRuns: 200 },
  );
});
