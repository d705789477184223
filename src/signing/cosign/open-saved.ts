import { localRepository } from '../../oci/client/local-registry.ts';
import type { RemoteRepository } from '../../oci/client/remote-repository.ts';
import type { Digest } from '../../oci/digest.ts';
import { openLayoutFolder } from '../../oci/layout/layout-folder.ts';
import { savedContent } from './saved-content.ts';
import { readSaved } from './read-saved.ts';

/** An image in a folder with what is attached to it. */
export interface OpenedImage {
  readonly digest: Digest;
  readonly repository: RemoteRepository;
}

/**
 * Opens a layout that `save` wrote, ours or cosign's, to be verified where it lies. No connection is made.
 *
 * @param prefix stands before attachments' tags where the layout does not name them
 * @throws OciError IMAGE_NOT_FOUND, IMAGE_AMBIGUOUS, LAYOUT_INVALID, LIMIT_EXCEEDED
 */
export async function openSaved(
  directory: string,
  options: { readonly prefix?: string; readonly signal?: AbortSignal | undefined } = {},
): Promise<OpenedImage> {
  const folder = openLayoutFolder(directory);
  const { root, tagged, referrers } = await readSaved(folder, options.prefix, options.signal);
  const tags = new Map(tagged.map(({ tag, descriptor }) => [tag, descriptor]));
  return { digest: root.digest, repository: localRepository(savedContent({ ...folder, tags, referrers })) };
}
