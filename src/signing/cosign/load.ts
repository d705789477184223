import type { Progress } from '../../base/progress.ts';
import { putManifest } from '../../oci/client/push.ts';
import { RegistrySink } from '../../oci/client/registry-sink.ts';
import type { RemoteRepository } from '../../oci/client/remote-repository.ts';
import { copyContent } from '../../oci/copy-content.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import type { Digest } from '../../oci/digest.ts';
import { openLayoutFolder } from '../../oci/layout/layout-folder.ts';
import { copyReferrer, copyTagged } from './copy-attachment.ts';
import { readSaved, type SavedImage } from './read-saved.ts';

/** What was loaded. */
export interface LoadedImage {
  readonly digest: Digest;
  /** Digests of what is attached to it, by tag or by subject. */
  readonly attachments: readonly Digest[];
  /** Foreign layers that the folder does not have, and the target did not get. */
  readonly leftOut: readonly Descriptor[];
}

/** How often manifests are searched for those that are attached to attachments. */
const maxDepth = 5;

/**
 * Loads a layout that {@link saveImage} or `cosign save` wrote into a repository: the image, what is attached to it, and
 * last the tag. Nothing in the folder is trusted: each blob is checked on the way.
 *
 * @param tag undefined loads by digest alone
 * @throws OciError LAYOUT_INVALID, IMAGE_NOT_FOUND, BLOB_UNKNOWN, DIGEST_MISMATCH, and the codes of the registry's answers
 */
export async function loadImage(
  directory: string,
  target: RemoteRepository,
  tag: string | undefined,
  options: {
    /** Lets an SBOM be replaced where the target has another. */
    readonly overwrite?: boolean;
    /** Stands before attachments' tags where the layout does not name them. */
    readonly prefix?: string;
    readonly progress?: Progress;
    readonly signal?: AbortSignal | undefined;
  } = {},
): Promise<LoadedImage> {
  const { overwrite = false, prefix, progress, signal } = options;
  const folder = openLayoutFolder(directory);
  const { root, tagged, referrers } = await readSaved(folder, prefix, signal);
  const destination = { remote: target, sink: new RegistrySink(target), overwrite };
  const { manifests: copied, leftOut } = await copyContent(folder.content, destination.sink, root, signal, progress);
  const attachments: Digest[] = [];
  const subjects = new Set(copied.map(({ descriptor }) => descriptor.digest));
  for (const attachment of tagged) {
    await copyTagged(folder.content, destination, attachment, signal);
    attachments.push(attachment.descriptor.digest);
    subjects.add(attachment.descriptor.digest);
  }
  for (const referrer of reachable(referrers, subjects)) {
    await copyReferrer(folder.content, destination, referrer, signal);
    attachments.push(referrer.digest);
  }
  const [top] = copied;
  if (tag !== undefined && top !== undefined) {
    const manifest = { mediaType: top.descriptor.mediaType, bytes: top.bytes };
    await putManifest(target.client, target.repository, tag, manifest, {}, signal);
  }
  return { digest: root.digest, attachments, leftOut };
}

/** The referrers of what is loaded, directly or over others. */
function reachable(referrers: SavedImage['referrers'], subjects: ReadonlySet<Digest>): readonly Descriptor[] {
  const found: Descriptor[] = [];
  let level: Iterable<Digest> = subjects;
  const seen = new Set(subjects);
  for (let depth = 0; depth < maxDepth; depth += 1) {
    const next = [...level]
      .flatMap((subject) => referrers.get(subject) ?? [])
      .filter(({ digest }) => !seen.has(digest));
    for (const { digest } of next) seen.add(digest);
    found.push(...next);
    level = next.map(({ digest }) => digest);
  }
  return found;
}
