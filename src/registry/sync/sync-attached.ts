import type { Problem } from '../../base/problem.ts';
import { headManifest } from '../../oci/client/head-manifest.ts';
import type { Digest } from '../../oci/digest.ts';
import { copyImage } from '../../signing/cosign/copy.ts';
import type { Attempt } from './attempt.ts';
import { subjectOf } from './attachment-tag.ts';
import type { Copying } from './sync-tag.ts';

/**
 * Brings what is attached to images that no tag names, and these images with it. Where such an image is not there, as with
 * signatures that outlived it, the tag comes by itself.
 *
 * @param brought digests whose attachments came already; those that come now are added
 * @param leftOut gets foreign layers that the source does not have
 * @returns what was listed and could not be read
 */
export async function syncAttached(
  { from, to, writes, overwrite, progress, signal }: Copying,
  tags: readonly string[],
  brought: Set<string>,
  leftOut: Set<Digest>,
  attempt: Attempt,
): Promise<readonly Problem[]> {
  const problems: Problem[] = [];
  for (const tag of tags) {
    const subject = subjectOf(tag);
    if (subject !== undefined && brought.has(subject)) continue;
    await attempt(`${from.repository}:${tag}`, async () => {
      const isThere =
        subject !== undefined && (await headManifest(from.client, from.repository, subject, signal)) !== undefined;
      const options = { overwrite, writes, progress, signal };
      const copied = isThere
        ? await copyImage(from, subject, to, undefined, options)
        : await copyImage(from, tag, to, tag, options);
      problems.push(...copied.problems);
      for (const { digest } of copied.leftOut) leftOut.add(digest);
      for (const digest of copied.manifests) brought.add(digest);
    });
  }
  return problems;
}
