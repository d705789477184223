import type { Progress } from '../../base/progress.ts';
import { fetchManifest } from '../../oci/client/fetch-manifest.ts';
import { RegistryContent } from '../../oci/client/registry-content.ts';
import type { RemoteRepository } from '../../oci/client/remote-repository.ts';
import { copyContent } from '../../oci/copy-content.ts';
import { isDigest } from '../../oci/digest.ts';
import { LayoutWriter } from '../../oci/layout/layout-writer.ts';
import type { CopiedImage } from './copy.ts';
import { findAllAttachments } from './find-all.ts';
import { attachmentEntry, rootEntry } from './layout-entries.ts';

/**
 * Saves an image or an index with everything that is attached to it as an OCI layout that `cosign load` understands. The
 * folder is written whole or not at all.
 *
 * @param reference a tag or digest
 * @throws SigningError SIGNATURES_UNAVAILABLE; OciError LAYOUT_INVALID for a folder in use, and the codes of the
 * registry's answers
 */
export async function saveImage(
  source: RemoteRepository,
  reference: string,
  directory: string,
  options: {
    readonly prefix?: string;
    /** As for `copyImage`. */
    readonly attachments?: RemoteRepository;
    readonly progress?: Progress;
    readonly signal?: AbortSignal | undefined;
  } = {},
): Promise<CopiedImage> {
  const { prefix, attachments: beside = source, progress, signal } = options;
  const fetched = await fetchManifest(source.client, source.repository, reference, signal);
  const content = new RegistryContent(source, fetched);
  await using writer = await LayoutWriter.open(directory);
  const { manifests: copied, leftOut } = await copyContent(content, writer, fetched.descriptor, signal, progress);
  const subjects = copied.map(({ descriptor }) => descriptor.digest);
  const { attachments, problems } = await findAllAttachments(beside, subjects, {
    ...(prefix === undefined ? {} : { prefix }),
    signal,
  });
  const attached = beside === source ? content : new RegistryContent(beside);
  for (const { descriptor } of attachments) await copyContent(attached, writer, descriptor, signal);
  const [root] = copied;
  if (root !== undefined) {
    const kind = root.manifest.kind === 'index' ? 'imageIndex' : 'image';
    await writer.commit([
      rootEntry(root.descriptor, kind, isDigest(reference) ? undefined : reference),
      ...attachments.map((attachment) => attachmentEntry(attachment, attachment.subject === root.descriptor.digest)),
    ]);
  }
  return { digest: fetched.descriptor.digest, manifests: subjects, attachments, problems, leftOut };
}
