import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import type { Digest } from '../../src/oci/digest.ts';
import type { Plan } from '../../src/registry/rule/retention/plan.ts';
import type { RetentionRule } from '../../src/registry/rule/retention/rules/model.ts';
import type { ManifestSnapshot, RepositorySnapshot, TagSnapshot } from '../../src/registry/rule/retention/snapshot.ts';

/** Milliseconds of a day. */
export const day = 86_400_000;

/** The time at which the examples are judged. */
export const now: number = Date.UTC(2026, 0, 31);

/** A digest that is the same for the same name. */
export function digestFor(name: string): Digest {
  return `sha256:${createHash('sha256').update(name).digest('hex')}` as Digest;
}

/** An image of an example, by the name that its digest is made of. */
export interface ExampleImage {
  readonly tags?: readonly string[];
  /** Days before {@link now}. */
  readonly pushed: number;
  readonly pulled?: number;
  readonly size?: number;
  readonly blobs?: readonly (readonly [name: string, size: number])[];
  /** Names of the indexes that list it, and of its subject. */
  readonly listedBy?: readonly string[];
  readonly subject?: string;
}

/** Makes the snapshot of an example. */
export function snapshotOf(
  images: Readonly<Record<string, ExampleImage>>,
  repository: string = 'team/app',
): RepositorySnapshot {
  const manifests = Object.entries(images).map(([name, image]): ManifestSnapshot => {
    const { pushed, pulled, size = 100, blobs, listedBy = [], subject } = image;
    return {
      digest: digestFor(name),
      size,
      blobs: blobs?.map(([blob, bytes]) => ({ digest: digestFor(blob), size: bytes })),
      pushedAt: now - pushed * day,
      pulledAt: pulled === undefined ? undefined : now - pulled * day,
      referencedBy: listedBy.map(digestFor),
      subject: subject === undefined ? undefined : digestFor(subject),
    };
  });
  const tags = Object.entries(images).flatMap(([name, { tags: names = [], pushed }]) =>
    names.map((tag): TagSnapshot => ({ name: tag, digest: digestFor(name), pushedAt: now - pushed * day })),
  );
  return { repository, tags, manifests };
}

/** The names of an example's images that a plan would delete, in the order of the example. */
export function deletedImages(images: Readonly<Record<string, ExampleImage>>, plan: Plan): readonly string[] {
  const gone = new Set(
    plan.entries.filter((entry) => entry.tag === undefined && entry.action === 'delete').map(({ digest }) => digest),
  );
  return Object.keys(images).filter((name) => gone.has(digestFor(name)));
}

/** The tags for which a plan has an action. */
export function tagsWith(plan: Plan, action: 'keep' | 'delete' | 'skip'): readonly string[] {
  return plan.entries.flatMap((entry) => (entry.tag !== undefined && entry.action === action ? [entry.tag] : []));
}

/**
 * What every plan must be true to, whatever the policy: everything is there once, nothing that stays refers to what goes,
 * and nothing attached outlives or is torn from its subject. Gives what is broken.
 */
export function brokenPromises(snapshot: RepositorySnapshot, plan: Plan): readonly string[] {
  const broken: string[] = [];
  const tags = plan.entries.filter((entry) => entry.tag !== undefined);
  const manifests = plan.entries.filter((entry) => entry.tag === undefined);
  const inOrder = (items: readonly (string | undefined)[]): string => items.map(String).sort().join('\n');
  if (inOrder(tags.map(({ tag }) => tag)) !== inOrder(snapshot.tags.map(({ name }) => name)))
    broken.push('tags differ');
  if (inOrder(manifests.map(({ digest }) => digest)) !== inOrder(snapshot.manifests.map(({ digest }) => digest))) {
    broken.push('manifests differ');
  }
  const stays = new Set(manifests.filter(({ action }) => action !== 'delete').map(({ digest }) => digest));
  const known = new Set(snapshot.manifests.map(({ digest }) => digest));
  for (const { tag, digest, action } of tags) {
    if (action !== 'delete' && known.has(digest) && !stays.has(digest)) broken.push(`tag ${tag} names what goes`);
  }
  for (const { digest, referencedBy, subject } of snapshot.manifests) {
    if (stays.has(digest)) continue;
    for (const parent of referencedBy)
      if (parent !== digest && stays.has(parent)) broken.push(`${parent} lists what goes`);
    if (subject !== undefined && subject !== digest && stays.has(subject)) broken.push(`a referrer of ${subject} goes`);
  }
  for (const { action, rule, reason } of plan.entries) {
    if (action !== 'keep' && rule === undefined) broken.push('a decision names no rule');
    if (reason === '' || !reason.endsWith('.')) broken.push(`no sentence: ${reason}`);
  }
  return broken;
}

const tagNames = [
  'v1',
  'v1.0',
  'v1.0.1',
  'v2.0-rc.1',
  'dev-1',
  'dev-2',
  'prod-1',
  'prod-2',
  'latest',
  'beta-1',
  'beta-2',
  '1.2',
];

/** Small repositories with tags that share images, indexes in indexes, referrers, attachments, and damaged links. */
export const arbitrarySnapshot: fc.Arbitrary<RepositorySnapshot> = fc
  .record({
    count: fc.integer({ min: 0, max: 8 }),
    times: fc.array(fc.tuple(fc.integer({ min: -1, max: 60 }), fc.option(fc.integer({ min: 0, max: 60 }))), {
      minLength: 20,
      maxLength: 20,
    }),
    links: fc.array(fc.tuple(fc.nat(8), fc.nat(8), fc.constantFrom('index', 'subject', 'attached')), { maxLength: 8 }),
    tags: fc.uniqueArray(fc.constantFrom(...tagNames), { maxLength: 8 }),
    places: fc.array(fc.nat(8), { minLength: 8, maxLength: 8 }),
    circles: fc.boolean(),
  })
  .map(({ count, times, links, tags, places, circles }) => {
    const digests = Array.from({ length: count }, (_, index) => digestFor(`image ${index}`));
    // Without circles a link goes from a higher number to a lower one, as digests force it to.
    const sound = links.filter(([from, to]) => from < count && to < count && (circles || from > to));
    const linked = (kind: string, to: number): readonly Digest[] =>
      sound.filter((link) => link[2] === kind && link[1] === to).map((link) => digests[link[0]] as Digest);
    const at = (index: number): number => now - (times[index]?.[0] ?? 0) * day;
    const manifests = digests.map((digest, index): ManifestSnapshot => {
      const pulled = times[index]?.[1] ?? undefined;
      const subject = sound.find((link) => link[2] === 'subject' && link[0] === index)?.[1];
      return {
        digest,
        size: 10 + index,
        blobs: [index % 3, 7].map((blob) => ({ digest: digestFor(`blob ${blob}`), size: 1000 + blob })),
        pushedAt: at(index),
        pulledAt: pulled === undefined ? undefined : now - pulled * day,
        referencedBy: linked('index', index),
        subject: subject === undefined ? undefined : digests[subject],
      };
    });
    const plain = tags.flatMap((name, index): TagSnapshot[] => {
      const digest = digests[(places[index] ?? 0) % Math.max(count, 1)];
      return digest === undefined ? [] : [{ name, digest, pushedAt: at(8 + index) }];
    });
    const attached = new Map(
      sound
        .filter((link) => link[2] === 'attached')
        .map(([from, to], index) => [
          `${(digests[to] as Digest).replace(':', '-')}${['.sig', '.att', '.sbom', ''][index % 4]}`,
          digests[from] as Digest,
        ]),
    );
    const attachments = [...attached].map(([name, digest]): TagSnapshot => ({ name, digest, pushedAt: now - day }));
    return { repository: 'team/app', tags: [...plain, ...attachments], manifests };
  });

const patterns = fc.option(
  fc.array(fc.constantFrom('v*', 'dev-*', 'prod-*', 'beta-*', 'latest', '*-1', '**'), { minLength: 1, maxLength: 2 }),
  { nil: undefined },
);
const length = fc.option(
  fc.integer({ min: 0, max: 60 }).map((days) => `${days}d`),
  { nil: undefined },
);
const count = fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined });
const order = fc.constantFrom('push' as const, 'pull' as const, 'semver' as const);
const name = fc.constant('');

/** A keep rule that is right. */
export const arbitraryKeepRule: fc.Arbitrary<RetentionRule> = fc
  .record({ name, tags: patterns, except: patterns, newest: count, pushedWithin: length, pulledWithin: length, order })
  .map(({ order: orderBy, ...rule }) => ({ kind: 'keep', ...rule, ...(rule.newest === undefined ? {} : { orderBy }) }));

const deleteRule: fc.Arbitrary<RetentionRule> = fc
  .record({
    name,
    tags: patterns,
    except: patterns,
    olderThan: length,
    notPulledFor: length,
    beyondNewest: count,
    order,
  })
  .map(({ order: orderBy, ...rule }) => ({
    kind: 'delete',
    ...rule,
    olderThan: (rule.olderThan ?? (rule.notPulledFor ?? rule.beyondNewest) === undefined) ? '5d' : rule.olderThan,
    ...(rule.beyondNewest === undefined ? {} : { orderBy }),
  }));

const untaggedRule: fc.Arbitrary<RetentionRule> = fc
  .record({ name, olderThan: length, notPulledFor: length })
  .map((rule) => ({ kind: 'delete-untagged', ...rule, olderThan: rule.olderThan ?? '1d' }));

const quotaRule: fc.Arbitrary<RetentionRule> = fc
  .record({
    name,
    maxTags: count,
    maxBytes: fc.integer({ min: 0, max: 6000 }),
    orderBy: fc.constantFrom('push', 'pull'),
  })
  .map((rule) => ({ kind: 'quota', ...rule }));

/** Lists of right rules of all kinds, each with a name of its own. */
export const arbitraryRules: fc.Arbitrary<readonly RetentionRule[]> = fc
  .array(fc.oneof(arbitraryKeepRule, deleteRule, untaggedRule, quotaRule), { maxLength: 6 })
  .map((rules) => rules.map((rule, index) => ({ ...rule, name: `rule ${index}` })));
