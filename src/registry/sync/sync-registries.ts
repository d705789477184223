import { mapBounded } from '../../base/concurrency.ts';
import { isSeaworthyError } from '../../base/error.ts';
import { compileGlob } from '../../base/glob.ts';
import type { Problem } from '../../base/problem.ts';
import { type Progress, silentProgress } from '../../base/progress.ts';
import { headManifest } from '../../oci/client/head-manifest.ts';
import { listRepositories } from '../../oci/client/list-repositories.ts';
import { listTags } from '../../oci/client/list-tags.ts';
import type { RegistryClient } from '../../oci/client/registry-client.ts';
import { copyImage } from '../../signing/cosign/copy.ts';

/** Images copied at a time; each copies some blobs at a time. */
const width = 3;

/** Tags that belong to other images: what is attached in cosign's older form, and lists of referrers. */
const attachmentTag = /^sha\d+-[a-f0-9]{64,128}(?:\.(?<suffix>\w+))?$/;

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
}

/**
 * Brings images with everything that is attached to them, signatures and referrers, from one registry to another. Blobs that are there
 * are not sent again, tags come last, and what fails is told while the rest goes on: running it again brings what is missing.
 *
 * @throws OciError when the source cannot be listed
 */
export async function syncRegistries(
  source: RegistryClient,
  target: RegistryClient,
  options: SyncOptions,
): Promise<SyncReport> {
  const { prefix = '', signal, overwrite, progress = silentProgress } = options;
  const names = await repositoriesOf(source, options);
  const report = { repositories: names.length, copied: 0, unchanged: 0, problems: [] as Problem[] };
  const task = progress.start(`Syncing ${names.length} repositories`, { total: names.length, unit: 'items' });
  const wanted = options.tags.map(compileGlob);
  try {
    for (const repository of names) {
      const [from, to] = [
        { client: source, repository },
        { client: target, repository: `${prefix}${repository}` },
      ];
      const listed = await attempt(report.problems, repository, () => listTags(source, repository, signal));
      const tags = (listed ?? []).filter(
        (tag) => !attachmentTag.test(tag) && (wanted.length === 0 || wanted.some((glob) => glob.matches(tag))),
      );
      await mapBounded(tags, width, (tag) =>
        attempt(report.problems, `${repository}:${tag}`, async () => {
          const before = await headManifest(target, to.repository, tag, signal);
          const { digest, problems } = await copyImage(from, tag, to, tag, { overwrite, signal });
          report.problems.push(...problems);
          if (before?.digest === digest) report.unchanged += 1;
          else report.copied += 1;
        }),
      );
      task.advance(1);
    }
  } finally {
    task.finish();
  }
  return report;
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

async function attempt<Result>(
  problems: Problem[],
  subject: string,
  work: () => Promise<Result>,
): Promise<Result | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!isSeaworthyError(error)) throw error;
    problems.push({ code: error.code, subject, message: error.message });
    return undefined;
  }
}
