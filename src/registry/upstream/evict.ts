import { forgetUpstreamBlobs, heldBytes } from '../../store/metadata/upstream-blobs.ts';
import { forgetUpstreamLists } from '../../store/metadata/upstream-lists.ts';
import { forgetUpstreamTags } from '../../store/metadata/upstream-tags.ts';
import type { UpstreamsConfig } from '../config/upstreams/model.ts';
import { carryOut, planAll } from '../retention/run-retention.ts';
import type { ImmutableRules } from '../rule/immutable/compile.ts';
import { compilePatterns, matchesAny } from '../../base/name-pattern.ts';
import type { RetentionPolicy } from '../rule/retention/policy.ts';
import { evictionPolicy, evictionRule } from './eviction-policy.ts';
import { upstreamLimits } from './limits.ts';
import { sizeCutoff } from './size-cutoff.ts';
import { readRunningImages } from './running-images.ts';
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

/**
 * Takes images of upstreams that nobody used for as long as the settings say, and as many more, those first that were used longest ago, as
 * are too many. Never what was used within the guard time, what runs, what a rule keeps, or what is fetched beforehand. Their bytes go with the next
 * garbage collections.
 *
 * @throws UpstreamError RUNNING_UNKNOWN; StoreError; the signal's reason
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
  const pinned = (repository: string): ReturnType<typeof compilePatterns> =>
    compilePatterns(prefetch.images.filter((image) => image.repository === repository).flatMap(({ tags }) => tags));
  const latest = content.now() - settings.guardMs;
  const byAge = settings.unusedForMs === undefined ? 0 : content.now() - settings.unusedForMs;
  const report = { manifests: 0, tags: 0, bytes: 0 };
  if (settings.maxBytes === undefined && byAge <= 0) return report;
  const running = await readRunningImages(settings.running, content.now(), settings.guardMs);
  const policyOf = (before: number): RetentionPolicy => evictionPolicy({ covers, pinned, running, retention, before });
  const held = await heldBytes(database, prefixes);
  const bySize =
    settings.maxBytes === undefined || held <= settings.maxBytes
      ? 0
      : await sizeCutoff(content, { prefixes, maxBytes: settings.maxBytes, latest, policyOf, immutable }, signal);
  const before = Math.min(latest, Math.max(byAge, bySize));
  if (before <= 0) return report;
  const policy = policyOf(before);
  for await (const plan of planAll(content, { policy, immutable, signal })) {
    const done = await carryOut(content, plan, (queries, event) => journal(queries, { ...event, rule: evictionRule }));
    report.manifests += done.manifests;
    report.tags += done.tags;
    metrics.add('upstreamEvicted', { what: 'manifest' }, done.manifests);
    metrics.add('upstreamEvicted', { what: 'tag' }, done.tags);
  }
  // What a plan would free in its repository, others may have as well.
  report.bytes = Math.max(0, held - (await heldBytes(database, prefixes)));
  return report;
}
