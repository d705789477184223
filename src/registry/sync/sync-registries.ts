import { mapBounded } from '../../base/concurrency.ts';
import { isSeaworthyError } from '../../base/error.ts';
import { compileGlob } from '../../base/glob.ts';
import type { Problem } from '../../base/problem.ts';
import { type Progress, silentProgress } from '../../base/progress.ts';
import { listRepositories } from '../../oci/client/list-repositories.ts';
import { listTags } from '../../oci/client/list-tags.ts';
import type { RegistryClient } from '../../oci/client/registry-client.ts';
import type { Digest } from '../../oci/digest.ts';
import { RepositoryWrites } from '../../oci/client/repository-writes.ts';
import type { Attempt } from './attempt.ts';
import { isAttachmentTag } from './attachment-tag.ts';
import { syncAttached } from './sync-attached.ts';
import { type SyncedTag, syncTag } from './sync-tag.ts';

/** Images copied at a time; each copies some blobs at a time. */
const width = 3;

/** What is brought from one registry to another. */
export interface SyncOptions {
  /** Repositories by globs or names; the source is asked for its catalog only where a glob is among them. */
  readonly repositories: readonly string[];
  /** Tags by globs; all when it is empty. */
  readonly tags: readonly string[];
  /** Put before each name at the target. */
  readonly prefix?: string;
  /** Lets tags move that name something else at the target. */
  readonly overwrite: boolean;
  /** Copies nothing, and tells what would be. */
  readonly dryRun?: boolean;
  /** Told of each tag when it is done. */
  readonly onTag?: (tag: SyncedTag) => void;
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
}

/** What was brought. */
export interface SyncReport {
  readonly repositories: number;
  /** Tags whose images were copied, and those that were there already; what is attached is brought for both. */
  readonly copied: number;
  readonly unchanged: number;
  /** What could not be brought, each with why. */
  readonly problems: readonly Problem[];
  /** Foreign layers that the source does not have, each once. */
  readonly leftOut: readonly Digest[];
}

/**
 * Brings images with everything that is attached to them, signatures and referrers, from one registry to another. Blobs that are there
 * are not sent again, tags come last, and what fails is told while the rest goes on: running it again brings what is missing.
 *
 * Where all tags are wanted, images come too that have no tag and that something is attached to.
 *
 * @throws OciError when the source cannot be listed
 */
export async function syncRegistries(
  source: RegistryClient,
  target: RegistryClient,
  options: SyncOptions,
): Promise<SyncReport> {
  const { prefix = '', signal, overwrite, dryRun = false, progress = silentProgress } = options;
  const names = await repositoriesOf(source, options);
  const report = { repositories: names.length, copied: 0, unchanged: 0, problems: [] as Problem[] };
  const absent = new Set<Digest>();
  const task = progress.start('Syncing repositories', { total: names.length, unit: 'items' });
  const wanted = options.tags.map(compileGlob);
  const attempt: Attempt = async (subject, work) => {
    try {
      return await work();
    } catch (error) {
      // Told to stop, nothing more is tried.
      signal?.throwIfAborted();
      if (!isSeaworthyError(error)) throw error;
      report.problems.push({ code: error.code, subject, message: error.message });
      return undefined;
    }
  };
  try {
    for (const repository of names) {
      const [from, to] = [
        { client: source, repository },
        { client: target, repository: `${prefix}${repository}` },
      ];
      const listed = (await attempt(repository, () => listTags(source, repository, signal))) ?? [];
      const tags = listed.filter(
        (tag) => !isAttachmentTag(tag) && (wanted.length === 0 || wanted.some((glob) => glob.matches(tag))),
      );
      const copying = { from, to, writes: new RepositoryWrites(), overwrite, dryRun, progress, signal };
      const brought = new Set<string>();
      await mapBounded(tags, width, (tag) =>
        attempt(`${repository}:${tag}`, async () => {
          const { problems, manifests, leftOut, ...synced } = await syncTag(copying, tag);
          report.problems.push(...problems);
          for (const digest of manifests) brought.add(digest);
          for (const { digest } of leftOut) absent.add(digest);
          report[synced.outcome === 'unchanged' ? 'unchanged' : 'copied'] += 1;
          options.onTag?.(synced);
        }),
      );
      // A dry run reads no manifests, and so knows of no images below an index.
      if (wanted.length === 0 && !dryRun) {
        const attached = listed.filter(isAttachmentTag);
        report.problems.push(...(await syncAttached(copying, attached, brought, absent, attempt)));
      }
      task.advance(1);
    }
  } finally {
    task.finish();
  }
  return { ...report, leftOut: [...absent] };
}

async function repositoriesOf(
  source: RegistryClient,
  { repositories, signal }: SyncOptions,
): Promise<readonly string[]> {
  const isGlob = (text: string): boolean => /[*?[{\\]/.test(text);
  if (!repositories.some(isGlob) && repositories.length > 0) return repositories;
  const globs = repositories.map(compileGlob);
  const all = await listRepositories(source, signal);
  return all.filter((name) => globs.length === 0 || globs.some((glob) => glob.matches(name)));
}
