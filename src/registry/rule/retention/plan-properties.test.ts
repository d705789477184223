import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import {
  arbitraryKeepRule,
  arbitraryRules,
  arbitrarySnapshot,
  brokenPromises,
  now,
} from '../../../../testing/registry/retention-model.ts';
import { compileImmutableRules } from '../immutable/compile.ts';
import { planRetention, type Plan } from './plan.ts';
import { compileRetentionRules } from './rules/compile.ts';
import type { RetentionRule } from './rules/model.ts';
import type { RepositorySnapshot } from './snapshot.ts';

const immutable = compileImmutableRules([
  { name: 'versions', tags: ['v1*'], until: '20d' },
  { name: 'signatures', tags: ['*.att'] },
]);

function plan(rules: readonly RetentionRule[], snapshot: RepositorySnapshot, immutables = immutable): Plan {
  return planRetention(compileRetentionRules(rules), snapshot, now, { immutable: immutables });
}

function gone(result: Plan): ReadonlySet<string> {
  return new Set(result.entries.filter(({ action }) => action === 'delete').map(({ tag, digest }) => tag ?? digest));
}

test('no plan breaks a promise', () => {
  fc.assert(
    fc.property(arbitraryRules, arbitrarySnapshot, (rules, snapshot) => {
      assert.deepEqual(brokenPromises(snapshot, plan(rules, snapshot)), []);
    }),
    { numRuns: 400 },
  );
});

test('keep beats delete: what a keep rule names by pattern is never deleted', () => {
  fc.assert(
    fc.property(arbitraryRules, arbitrarySnapshot, (rules, snapshot) => {
      const deleted = gone(plan([...rules, { kind: 'keep', name: 'k', tags: ['dev-*'] }], snapshot));
      for (const { name, digest } of snapshot.tags) {
        if (name.startsWith('dev-')) assert.ok(!deleted.has(name) && !deleted.has(digest), name);
      }
    }),
    { numRuns: 200 },
  );
});

test('a keep rule more never deletes more, quotas included', () => {
  fc.assert(
    fc.property(arbitraryRules, arbitraryKeepRule, arbitrarySnapshot, (rules, keep, snapshot) => {
      const before = gone(plan(rules, snapshot));
      const after = gone(plan([...rules, { ...keep, name: 'more' }], snapshot));
      assert.deepEqual(
        [...after].filter((subject) => !before.has(subject)),
        [],
      );
    }),
    { numRuns: 400 },
  );
});

test('immutable tags are never deleted before their end, and change nothing else but what they hold', () => {
  fc.assert(
    fc.property(arbitraryRules, arbitrarySnapshot, (rules, snapshot) => {
      const free = gone(plan(rules, snapshot, compileImmutableRules([])));
      const deleted = gone(plan(rules, snapshot));
      assert.deepEqual(
        [...deleted].filter((subject) => !free.has(subject)),
        [],
      );
      for (const { name, digest, pushedAt } of snapshot.tags) {
        if (immutable.holdOf('team/app', name, pushedAt, now) === undefined) continue;
        assert.ok(!deleted.has(name) && !deleted.has(digest), name);
      }
    }),
    { numRuns: 200 },
  );
});

test('a plan does not depend on the order of the snapshot', () => {
  const shuffled = arbitrarySnapshot.chain((snapshot) =>
    fc.record({
      snapshot: fc.constant(snapshot),
      tags: fc.shuffledSubarray([...snapshot.tags], { minLength: snapshot.tags.length }),
      manifests: fc.shuffledSubarray([...snapshot.manifests], { minLength: snapshot.manifests.length }),
    }),
  );
  fc.assert(
    fc.property(arbitraryRules, shuffled, (rules, { snapshot, tags, manifests }) => {
      assert.deepEqual(plan(rules, { ...snapshot, tags, manifests }), plan(rules, snapshot));
    }),
    { numRuns: 200 },
  );
});

test('what a plan says is freed is what is there before less what is there after', () => {
  const used = ({ manifests }: RepositorySnapshot, left: (digest: string) => boolean): number => {
    const blobs = new Map<string, number>();
    for (const { digest, size, blobs: named = [] } of manifests) {
      if (!left(digest)) continue;
      blobs.set(digest, size);
      for (const blob of named) blobs.set(blob.digest, blob.size);
    }
    return [...blobs.values()].reduce((sum, size) => sum + size, 0);
  };
  fc.assert(
    fc.property(arbitraryRules, arbitrarySnapshot, (rules, snapshot) => {
      const result = plan(rules, snapshot);
      const deleted = gone(result);
      assert.equal(result.bytes, used(snapshot, () => true) - used(snapshot, (digest) => !deleted.has(digest)));
      assert.equal(
        result.bytes,
        result.entries.reduce((sum, { bytes }) => sum + bytes, 0),
      );
    }),
    { numRuns: 200 },
  );
});

test('planning again after a plan was carried out deletes no tag that it kept by rank', () => {
  fc.assert(
    fc.property(arbitrarySnapshot, fc.integer({ min: 0, max: 4 }), (snapshot, beyondNewest) => {
      const rules: readonly RetentionRule[] = [{ kind: 'delete', name: 'n', beyondNewest }];
      const deleted = gone(plan(rules, snapshot, compileImmutableRules([])));
      const left = {
        ...snapshot,
        tags: snapshot.tags.filter(({ name }) => !deleted.has(name)),
        manifests: snapshot.manifests.filter(({ digest }) => !deleted.has(digest)),
      };
      const tags = plan(rules, left, compileImmutableRules([])).entries.filter(({ tag }) => tag !== undefined);
      const attached = /^sha256-/;
      assert.deepEqual(
        tags.filter(({ tag, action }) => action === 'delete' && !attached.test(tag ?? '')),
        [],
      );
    }),
    { numRuns: 150 },
  );
});
