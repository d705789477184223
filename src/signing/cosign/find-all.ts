import { mapBounded } from '../../base/concurrency.ts';
import type { Problem } from '../../base/problem.ts';
import type { RemoteRepository } from '../../oci/client/remote-repository.ts';
import type { Digest } from '../../oci/digest.ts';
import { SigningError } from '../error.ts';
import { type Attachment, findAttachments } from './attachments.ts';

/** How deep attachments of attachments are followed, and how many there may be in all. */
const maxDepth = 4;
const maxAttachments = 10_000;
const maxManifestBytes = 134_217_728;

/** Manifests looked at at a time; each takes several requests. */
const subjectWidth = 4;

/** An attachment, and what it is attached to. */
export interface PlacedAttachment extends Attachment {
  readonly subject: Digest;
}

/** Everything that is attached to some manifests, directly or not. */
export interface AllAttachments {
  /** Each once; what others are attached to comes before them. */
  readonly attachments: readonly PlacedAttachment[];
  readonly problems: readonly Problem[];
}

/**
 * Finds what is attached to manifests, and what is attached to that: signatures of SBOMs and the like. Tags are looked
 * for only beside the manifests themselves, as cosign does.
 *
 * @param follow false leaves out an attachment, with all that is attached to it
 * @throws SigningError SIGNATURES_UNAVAILABLE, LIMIT_EXCEEDED
 */
export async function findAllAttachments(
  remote: RemoteRepository,
  subjects: readonly Digest[],
  options: {
    readonly prefix?: string;
    readonly follow?: (attachment: Attachment) => boolean;
    readonly signal?: AbortSignal | undefined;
  } = {},
): Promise<AllAttachments> {
  const { follow = () => true, ...look } = options;
  const attachments: PlacedAttachment[] = [];
  const problems: Problem[] = [];
  const seen = new Set<Digest>(subjects);
  let level: readonly Digest[] = subjects;
  let length = 0;
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > maxDepth) throw tooMany(`attachments of attachments deeper than ${maxDepth}`);
    const next: Digest[] = [];
    const tags = depth === 0;
    const all = await mapBounded(level, subjectWidth, async (subject) => ({
      subject,
      ...(await findAttachments(remote, subject, { ...look, tags })),
    }));
    for (const found of all) {
      problems.push(...found.problems);
      for (const attachment of found.attachments.filter(follow)) {
        const { digest } = attachment.descriptor;
        attachments.push({ ...attachment, subject: found.subject });
        length += attachment.bytes.length;
        if (attachments.length > maxAttachments || length > maxManifestBytes) {
          throw tooMany(`more than ${maxAttachments} attachments, or ${maxManifestBytes} bytes of their manifests`);
        }
        // Through a tag, one manifest may stand at several images.
        if (!seen.has(digest)) next.push(digest);
        seen.add(digest);
      }
    }
    level = next;
  }
  return { attachments, problems };
}

function tooMany(what: string): SigningError {
  return new SigningError('LIMIT_EXCEEDED', `There are ${what}, which is more than is followed`);
}
