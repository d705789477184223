import type { Digest } from '../../oci/digest.ts';
import { deleteManifest, findManifest } from '../../store/metadata/manifests.ts';
import { findRepository, listRepositories } from '../../store/metadata/repositories.ts';
import { deleteTag, findTag, tagsOf } from '../../store/metadata/tags.ts';
import type { SqlQueries } from '../../store/sql/database.ts';
import type { Content, Journal } from '../content/content.ts';
import type { ImmutableRules } from '../rule/immutable/compile.ts';
import { type Plan, type PlanEntry, planRetention } from '../rule/retention/plan.ts';
import type { RetentionPolicy } from '../rule/retention/policy.ts';
import type { RepositorySnapshot } from '../rule/retention/snapshot.ts';
import { takeSnapshot } from './snapshot.ts';

/** Entries that are carried out in one transaction, so that pushes wait for none of them. */
const batch = 100;

/** Repositories listed at once. */
const page = 500;

/** What retention goes by. */
export interface RetentionOptions {
  readonly policy: RetentionPolicy;
  readonly immutable: ImmutableRules;
  readonly signal?: AbortSignal;
}

/** A plan, and what it was made of. */
export interface DatedPlan extends Plan {
  /** When each tag, by its name, and each manifest, by its digest, was pushed or pulled last, in milliseconds since 1970. */
  readonly usedAt: ReadonlyMap<string, number>;
}

/** Plans retention for each repository, one after another; nothing is changed. */
export async function* planAll(
  { database, now }: Pick<Content, 'database' | 'now'>,
  { policy, immutable, signal }: RetentionOptions,
): AsyncGenerator<DatedPlan> {
  for (let after = ''; ;) {
    const names = await listRepositories(database, after, page);
    for (const name of names) {
      signal?.throwIfAborted();
      if (!policy.covers(name)) continue;
      const snapshot = await database.transaction((queries) => takeSnapshot(queries, name), { durable: false });
      if (snapshot === undefined) continue;
      yield { ...planRetention(policy, snapshot, now(), { immutable }), usedAt: usedAtOf(snapshot) };
    }
    if (names.length < page) return;
    after = names.at(-1) as string;
  }
}

function usedAtOf({ tags, manifests }: RepositorySnapshot): ReadonlyMap<string, number> {
  const times = new Map<string, number>();
  for (const tag of tags) times.set(tag.name, lastUse(tag));
  for (const manifest of manifests) times.set(manifest.digest, lastUse(manifest));
  return times;
}

function lastUse({
  pushedAt,
  pulledAt,
}: {
  readonly pushedAt: number;
  readonly pulledAt?: number | null | undefined;
}): number {
  return Math.max(pushedAt, pulledAt ?? 0);
}

/** What retention did. */
export interface RetentionReport {
  readonly tags: number;
  readonly manifests: number;
  /** Bytes that garbage collection will free for it. */
  readonly bytes: number;
}

/**
 * Carries out what a plan says. Each entry is looked at again in the transaction that removes it: a tag that was moved, pushed or pulled
 * since, and a manifest that something new names, stays until the next plan. Whether it was is told by what the plan was made of, and by
 * no clock: those of several machines differ.
 */
export async function carryOut(content: Content, plan: DatedPlan, journal: Journal): Promise<RetentionReport> {
  const report = { tags: 0, manifests: 0, bytes: 0 };
  let going = plan.entries.filter(({ action }) => action === 'delete');
  // An index may come after what it names, which goes once it is gone.
  for (let progress = true; progress && going.length > 0;) {
    const left: PlanEntry[] = [];
    for (let at = 0; at < going.length; at += batch) {
      const part = going.slice(at, at + batch);
      const done = new Set(await removeBatch(content, part, plan, journal));
      for (const { tag, bytes } of done) {
        report[tag === undefined ? 'manifests' : 'tags'] += 1;
        report.bytes += bytes;
      }
      left.push(...part.filter((entry) => !done.has(entry) && entry.tag === undefined));
    }
    progress = left.length < going.length;
    going = left;
  }
  return report;
}

function removeBatch(
  { database }: Content,
  entries: readonly PlanEntry[],
  plan: DatedPlan,
  journal: Journal,
): Promise<readonly PlanEntry[]> {
  return database.transaction(async (queries) => {
    const removed: PlanEntry[] = [];
    for (const entry of entries) if (await remove(queries, entry, plan, journal)) removed.push(entry);
    return removed;
  });
}

async function remove(
  queries: SqlQueries,
  { repository: name, tag, digest, rule }: PlanEntry,
  { usedAt }: DatedPlan,
  journal: Journal,
): Promise<boolean> {
  const repository = await findRepository(queries, name);
  if (repository === undefined) return false;
  const about = { action: 'delete', repository: name, digest, ...(rule === undefined ? {} : { rule }) } as const;
  if (tag !== undefined) {
    const current = await findTag(queries, repository, tag);
    if (current?.digest !== digest || lastUse(current) !== usedAt.get(tag)) return false;
    await deleteTag(queries, repository, tag);
    await journal(queries, { ...about, tag });
    return true;
  }
  const manifest = await findManifest(queries, name, digest);
  if (manifest === undefined || lastUse(manifest) !== usedAt.get(digest)) return false;
  if (await isNamed(queries, repository, digest)) return false;
  await deleteManifest(queries, repository, digest);
  await journal(queries, { ...about, mediaType: manifest.mediaType });
  return true;
}

/** Whether a tag or an index names a manifest: one that did not when the plan was made, or one that is to go before it. */
async function isNamed(queries: SqlQueries, repository: number, digest: Digest): Promise<boolean> {
  if ((await tagsOf(queries, repository, digest)).length > 0) return true;
  const sql = `SELECT 1 AS named FROM manifest_links WHERE repository = ? AND target = ? AND kind = 'manifest' LIMIT 1`;
  return (await queries.get(sql, repository, digest)) !== undefined;
}
