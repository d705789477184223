import { isSeaworthyError } from '../../base/error.ts';
import type { Problem } from '../../base/problem.ts';
import { type Progress, silentProgress } from '../../base/progress.ts';
import { copyContent } from '../../oci/copy-content.ts';
import type { Digest } from '../../oci/digest.ts';
import type { Content, Journal } from '../content/content.ts';
import { pushManifest } from '../content/push-manifest.ts';
import { RepositorySink } from '../content/repository-sink.ts';
import { checkName } from '../route/names.ts';
import { limits } from '../limits.ts';
import type { ImportedRepository, ImportSource } from './source.ts';

/** What was taken over. */
export interface ImportReport {
  readonly repositories: number;
  readonly manifests: number;
  readonly tags: number;
  /** What could not be, each with why; the rest was taken over. */
  readonly problems: readonly Problem[];
  /** Foreign layers that the folder does not have. */
  readonly leftOut: ReadonlySet<Digest>;
}

/** How to take a folder over. */
export interface ImportOptions {
  readonly journal: Journal;
  /** Put before each name: `old/` makes `old/team/app` of `team/app`. */
  readonly prefix?: string;
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
}

/**
 * Takes over what another registry kept: blobs and manifests with their exact bytes, each checked against its digest, then tags, with
 * the times at which they were pushed. What is there already is passed over, so that it can be run again after a failure.
 */
export async function importContent(
  content: Content,
  source: ImportSource,
  options: ImportOptions,
): Promise<ImportReport> {
  const report = { repositories: 0, manifests: 0, tags: 0, problems: [] as Problem[], leftOut: new Set<Digest>() };
  for await (const repository of source.repositories(options.signal)) {
    report.repositories += 1;
    const name = checkName(`${options.prefix ?? ''}${repository.name}`);
    await importManifests(content, repository, name, options, report);
    await importTags(content, repository, name, options, report);
  }
  return report;
}

type Counting = { -readonly [Name in keyof ImportReport]: ImportReport[Name] } & {
  readonly problems: Problem[];
  readonly leftOut: Set<Digest>;
};

async function importManifests(
  content: Content,
  repository: ImportedRepository,
  name: string,
  { journal, signal, progress = silentProgress }: ImportOptions,
  report: Counting,
): Promise<void> {
  for await (const { descriptor, pushedAt } of repository.manifests(signal)) {
    await attempt(report, name, descriptor.digest, async () => {
      const sink = new RepositorySink(content, name, journal, pushedAt);
      const isThere = await sink.hasManifest(descriptor);
      // Foreign layers may be in the folder of an image that came without them before.
      const { leftOut } = await copyContent(repository.content, sink, descriptor, signal, progress);
      for (const { digest } of leftOut) report.leftOut.add(digest);
      if (!isThere) report.manifests += 1;
    });
  }
}

async function importTags(
  content: Content,
  repository: ImportedRepository,
  name: string,
  { journal, signal }: ImportOptions,
  report: Counting,
): Promise<void> {
  for await (const { name: tag, descriptor, pushedAt } of repository.tags(signal)) {
    await attempt(report, name, tag, async () => {
      const bytes = await repository.content.readContent(descriptor, limits.manifestBytes, signal);
      const { digest } = descriptor;
      const push = { repository: name, digest, tags: [tag], contentType: undefined, bytes, pushedAt };
      await pushManifest(content, push, journal);
      report.tags += 1;
    });
  }
}

/** One damaged image must not keep a thousand others from coming. */
async function attempt(report: Counting, name: string, what: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!isSeaworthyError(error)) throw error;
    report.problems.push({ code: error.code, subject: `${name} ${what}`, message: error.message });
  }
}
