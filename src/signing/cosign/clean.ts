import type { Problem } from '../../base/problem.ts';
import { deleteManifest } from '../../oci/client/delete-manifest.ts';
import { removeFromFallbackIndex } from '../../oci/client/push-referrer.ts';
import type { RemoteRepository } from '../../oci/client/remote-repository.ts';
import { type Digest, isDigest } from '../../oci/digest.ts';
import { OciError } from '../../oci/error.ts';
import type { Attachment } from './attachments.ts';
import { findAllAttachments, type PlacedAttachment } from './find-all.ts';

/** What to remove (`cosign clean --type`). */
export type CleanType = 'signature' | 'attestation' | 'sbom' | 'referrer' | 'all';

/** What was removed. */
export interface Cleaned {
  readonly removed: readonly PlacedAttachment[];
  /** What was listed as attached but could not be read. What is gone already is taken off the list too. */
  readonly problems: readonly Problem[];
}

/**
 * Removes what is attached to a manifest, with all that is attached to that, and never the manifest itself. Entries go
 * from the index at the fallback tag as well.
 *
 * @throws SigningError SIGNATURES_UNAVAILABLE; OciError DELETE_UNSUPPORTED where the registry deletes nothing, and the
 * codes of its other answers
 */
export async function cleanAttachments(
  remote: RemoteRepository,
  digest: Digest,
  type: CleanType,
  options: { readonly prefix?: string; readonly signal?: AbortSignal | undefined } = {},
): Promise<Cleaned> {
  const { client, repository } = remote;
  const { signal } = options;
  const { attachments, problems } = await findAllAttachments(remote, [digest], options);
  const removed = chosen(attachments, digest, type);
  // The deepest first, so that what is left after a failure is still found.
  for (const { tag, descriptor } of removed.toReversed()) {
    await deleteNamed(remote, tag, descriptor.digest, signal);
  }
  const gone = new Map<Digest, Set<string>>();
  for (const { form, subject, descriptor } of removed) {
    if (form !== 'tag') gone.set(subject, (gone.get(subject) ?? new Set()).add(descriptor.digest));
  }
  const dangling = problems.filter(({ code }) => code === 'REFERRER_IMAGE_NOT_FOUND').map(({ subject }) => subject);
  if (dangling.length > 0) gone.set(digest, new Set([...(gone.get(digest) ?? []), ...dangling.filter(isDigest)]));
  for (const [subject, digests] of gone) await removeFromFallbackIndex(client, repository, subject, digests, signal);
  return { removed, problems };
}

/** Those of the type that are attached to the image, and whatever hangs on them. */
function chosen(
  attachments: readonly PlacedAttachment[],
  digest: Digest,
  type: CleanType,
): readonly PlacedAttachment[] {
  const subjects = new Set<Digest>();
  return attachments.filter((attachment) => {
    const wanted = attachment.subject === digest ? isOfType(attachment, type) : subjects.has(attachment.subject);
    if (wanted) subjects.add(attachment.descriptor.digest);
    return wanted && attachment.descriptor.digest !== digest;
  });
}

function isOfType({ kind, form }: Attachment, type: CleanType): boolean {
  if (type === 'all') return true;
  return type === 'referrer' ? form !== 'tag' : kind === type;
}

/** By its tag, where it has one: other tags may name the same manifest. Some registries delete only by digest. */
async function deleteNamed(
  { client, repository }: RemoteRepository,
  tag: string | undefined,
  digest: Digest,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (tag !== undefined) {
    try {
      await deleteManifest(client, repository, tag, signal);
      return;
    } catch (error) {
      const other = error instanceof OciError && ['DELETE_UNSUPPORTED', 'REGISTRY_PROTOCOL'].includes(error.code);
      if (!other) throw error;
    }
  }
  await deleteManifest(client, repository, digest, signal);
}
