import { listRepositories } from '../../store/metadata/repositories.ts';
import { heldContents, heldElsewhere } from '../../store/metadata/upstream-blobs.ts';
import type { Content } from '../content/content.ts';
import { takeSnapshot } from '../retention/snapshot.ts';
import type { ImmutableRules } from '../rule/immutable/compile.ts';
import { planRetention } from '../rule/retention/plan.ts';
import type { RetentionPolicy } from '../rule/retention/policy.ts';
import { viewRepository } from '../rule/retention/repository-view.ts';
import { usesOf } from './eviction-policy.ts';

/** How much may be held, and what decides what goes. */
export interface SizeBound {
  /** What the names of the repositories begin with. */
  readonly prefixes: readonly string[];
  readonly maxBytes: number;
  /** What was used since stays in any case, in milliseconds since 1970. */
  readonly latest: number;
  /** What goes when all goes that was used before a time, but for what stays anyway. */
  readonly policyOf: (before: number) => RetentionPolicy;
  readonly immutable: ImmutableRules;
}

/** Repositories listed at once. */
const page = 500;

type Kept = Pick<Content, 'database' | 'now'>;

/**
 * The earliest time for which no more than the bound would be held if what was used before it went. It is found by planning for
 * different times rather than by adding up images: layers are shared between images, also of different repositories, and go only with the
 * last of them, and what a rule keeps frees nothing. Where even the latest time leaves too much, it is that.
 */
export async function sizeCutoff(content: Kept, bound: SizeBound, signal: AbortSignal): Promise<number> {
  const { database } = content;
  const uses = new Set<number>();
  for await (const name of repositoriesOf(content, bound.prefixes, signal)) {
    const snapshot = await database.transaction((queries) => takeSnapshot(queries, name), { durable: false });
    for (const at of snapshot === undefined ? [] : usesOf(viewRepository(snapshot))) {
      if (at < bound.latest) uses.add(at + 1);
    }
  }
  const times = [...uses].sort((a, b) => a - b);
  const elsewhere = await heldElsewhere(database, bound.prefixes);
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const left = await bytesLeft(content, bound, times[middle] as number, elsewhere, signal);
    if (left <= bound.maxBytes) high = middle;
    else low = middle + 1;
  }
  return times[low] ?? bound.latest;
}

/** Bytes that would still be held if what was used before a time went. */
async function bytesLeft(
  content: Kept,
  { prefixes, policyOf, immutable }: SizeBound,
  before: number,
  elsewhere: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<number> {
  const policy = policyOf(before);
  const counted = new Set<string>();
  let bytes = 0;
  for await (const name of repositoriesOf(content, prefixes, signal)) {
    const [snapshot, contents] = await content.database.transaction(
      async (queries) => [await takeSnapshot(queries, name), await heldContents(queries, name)] as const,
      { durable: false },
    );
    if (snapshot === undefined) continue;
    const { entries } = planRetention(policy, snapshot, content.now(), { immutable });
    const going = new Set(
      entries.filter(({ tag, action }) => tag === undefined && action === 'delete').map(({ digest }) => digest),
    );
    for (const { manifest, digest, size } of contents) {
      if (going.has(manifest) || counted.has(digest) || elsewhere.has(digest)) continue;
      counted.add(digest);
      bytes += size;
    }
  }
  return bytes;
}

async function* repositoriesOf(
  { database }: Kept,
  prefixes: readonly string[],
  signal: AbortSignal,
): AsyncGenerator<string> {
  for (let after = ''; ;) {
    const names = await listRepositories(database, after, page);
    for (const name of names) {
      signal.throwIfAborted();
      if (prefixes.some((prefix) => name.startsWith(prefix))) yield name;
    }
    if (names.length < page) return;
    after = names.at(-1) as string;
  }
}
