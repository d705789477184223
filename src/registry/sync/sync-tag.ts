import type { Problem } from '../../base/problem.ts';
import type { Progress } from '../../base/progress.ts';
import { headManifest } from '../../oci/client/head-manifest.ts';
import type { RemoteRepository } from '../../oci/client/remote-repository.ts';
import type { RepositoryWrites } from '../../oci/client/repository-writes.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import type { Digest } from '../../oci/digest.ts';
import { OciError } from '../../oci/error.ts';
import { copyImage } from '../../signing/cosign/copy.ts';

/** From where to where images are brought, and how. */
export interface Copying {
  readonly from: RemoteRepository;
  readonly to: RemoteRepository;
  /** Of all copies into the target's repository, which share images and what is attached to them. */
  readonly writes: RepositoryWrites;
  readonly overwrite: boolean;
  readonly dryRun: boolean;
  readonly progress: Progress;
  readonly signal: AbortSignal | undefined;
}

/** What else is known of a tag that was brought. */
interface Brought extends SyncedTag {
  readonly manifests: readonly Digest[];
  readonly problems: readonly Problem[];
  /** Foreign layers that the source does not have. */
  readonly leftOut: readonly Descriptor[];
}

/** What became of a tag. */
export interface SyncedTag {
  /** At the source. */
  readonly repository: string;
  readonly tag: string;
  readonly digest: Digest;
  readonly outcome: 'copied' | 'unchanged' | 'would be copied';
}

/**
 * Brings the image of a tag, with what is attached to it, also where the target has the image already.
 *
 * @throws OciError IMAGE_NOT_FOUND, IMAGE_EXISTS, and the codes of registries' answers; SigningError
 */
export async function syncTag(
  { from, to, writes, overwrite, dryRun, progress, signal }: Copying,
  tag: string,
): Promise<Brought> {
  const { repository } = from;
  const before = await headManifest(to.client, to.repository, tag, signal);
  if (!dryRun) {
    const options = { overwrite, writes, progress, signal };
    const { digest, manifests, problems, leftOut } = await copyImage(from, tag, to, tag, options);
    return {
      repository,
      tag,
      digest,
      outcome: before?.digest === digest ? 'unchanged' : 'copied',
      manifests,
      problems,
      leftOut,
    };
  }
  const there = await headManifest(from.client, repository, tag, signal);
  if (there === undefined)
    throw new OciError('IMAGE_NOT_FOUND', `${repository}:${tag} is not there any more; try again`);
  const { digest } = there;
  if (before !== undefined && before.digest !== digest && !overwrite) {
    throw new OciError('IMAGE_EXISTS', `The target has another image there (${before.digest}); allow it with --force`);
  }
  const outcome = before?.digest === digest ? 'unchanged' : 'would be copied';
  return { repository, tag, digest, outcome, manifests: [digest], problems: [], leftOut: [] };
}
