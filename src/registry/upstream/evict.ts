import { listRepositories } from '../../store/metadata/repositories.ts';
import { forgetUpstreamBlobs, heldBytes } from '../../store/metadata/upstream-blobs.ts';
import { forgetUpstreamLists } from '../../store/metadata/upstream-lists.ts';
import { forgetUpstreamTags } from '../../store/metadata/upstream-tags.ts';
import type { UpstreamsConfig } from '../config/upstreams/model.ts';
import { carryOut, planAll } from '../retention/run-retention.ts';
import { takeSnapshot } from '../retention/snapshot.ts';
import type { ImmutableRules } from '../rule/immutable/compile.ts';
import { compilePatterns, matchesAny } from '../../base/name-pattern.ts';
import type { RetentionPolicy } from '../rule/retention/policy.ts';
import { viewRepository } from '../rule/retention/repository-view.ts';
import { evictionPolicy, evictionRule, usesOf } from './eviction-policy.ts';
import { upstreamLimits } from './limits.ts';
import type { UpstreamParts } from './surroundings.ts';

/** Rules of the registry that eviction heeds. */
export interface EvictionRules {
  readonly retention: RetentionPolicy;
  readonly immutable: ImmutableRules;
}

/** What eviction did. */
export interface EvictionReport {
  readonly manifests: number;
  readonly tags: number;
  /** Bytes that garbage collection will free. */
  readonly bytes: number;
}

/** Repositories listed at once. */
const page = 500;

/**
 * Takes images of upstreams that nobody used for as long as the settings say, and as many more, those first that were used longest ago, as
 * are too many. Never what was used within the guard time, what a rule keeps, or what is fetched beforehand. Their bytes go with the next
 * garbage collections.
 */
export async function evict(
  parts: UpstreamParts,
  { registries, evict: settings, prefetch }: UpstreamsConfig,
  { retention, immutable }: EvictionRules,
  signal: AbortSignal,
): Promise<EvictionReport> {
  const { content, journal, metrics } = parts;
  const { database } = content;
  await database.transaction(forgetUpstreamTags, { durable: false });
  await database.transaction(forgetUpstreamBlobs, { durable: false });
  const old = content.now() - upstreamLimits.listKept;
  await database.transaction((queries) => forgetUpstreamLists(queries, old), { durable: false });
  const prefixes = registries.map(({ name }) => `${name}/`);
  const keep = compilePatterns(settings.keep);
  const covers = (repository: string): boolean =>
    prefixes.some((prefix) => repository.startsWith(prefix)) && !matchesAny(keep, repository);
  const latest = content.now() - settings.guardMs;
  const byAge = settings.unusedForMs === undefined ? 0 : content.now() - settings.unusedForMs;
  const bySize =
    settings.maxBytes === undefined ? 0 : await sizeCutoff(parts, prefixes, covers, settings.maxBytes, signal);
  const before = Math.min(latest, Math.max(byAge, bySize));
  const report = { manifests: 0, tags: 0, bytes: 0 };
  if (before <= 0) return report;
  const pinned = (repository: string): ReturnType<typeof compilePatterns> =>
    compilePatterns(prefetch.images.filter((image) => image.repository === repository).flatMap(({ tags }) => tags));
  const policy = evictionPolicy({ covers, pinned, retention, before });
  for await (const plan of planAll(content, { policy, immutable, signal })) {
    const done = await carryOut(content, plan, (queries, event) => journal(queries, { ...event, rule: evictionRule }));
    report.manifests += done.manifests;
    report.tags += done.tags;
    report.bytes += done.bytes;
    metrics.add('upstreamEvicted', { what: 'manifest' }, done.manifests);
    metrics.add('upstreamEvicted', { what: 'tag' }, done.tags);
  }
  return report;
}

/** The time before which what was used last has to go, so that the rest is not too much. */
async function sizeCutoff(
  { content }: UpstreamParts,
  prefixes: readonly string[],
  covers: (repository: string) => boolean,
  maxBytes: number,
  signal: AbortSignal,
): Promise<number> {
  let over = -maxBytes;
  for (const prefix of prefixes) over += await heldBytes(content.database, prefix);
  if (over <= 0) return 0;
  const uses: { readonly at: number; readonly bytes: number }[] = [];
  for (let after = ''; ;) {
    const names = await listRepositories(content.database, after, page);
    for (const name of names.filter(covers)) {
      signal.throwIfAborted();
      const snapshot = await content.database.transaction((queries) => takeSnapshot(queries, name), {
        durable: false,
      });
      if (snapshot !== undefined) uses.push(...usesOf(viewRepository(snapshot)));
    }
    if (names.length < page) break;
    after = names.at(-1) as string;
  }
  uses.sort((a, b) => a.at - b.at);
  let cutoff = 0;
  for (const { at, bytes } of uses) {
    if (over <= 0) break;
    over -= bytes;
    cutoff = at + 1;
  }
  return cutoff;
}
