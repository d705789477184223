import type { Descriptor } from '../../oci/descriptor.ts';
import type { Digest } from '../../oci/digest.ts';
import { OciError } from '../../oci/error.ts';
import type { LayoutFolder } from '../../oci/layout/layout-folder.ts';
import { limits } from '../../oci/limits.ts';
import { parseManifest } from '../../oci/manifest.ts';
import { artifactTypeOf } from '../../oci/referrer.ts';
import { entryKind, entryTag } from './layout-entries.ts';
import { attachmentTag, type TaggedKind } from './tags.ts';

/** What a layout that `save` wrote, ours or cosign's, is said to hold. Nothing of it was checked but its form. */
export interface SavedImage {
  readonly root: Descriptor;
  /** What the older layout attaches by tags. */
  readonly tagged: readonly { readonly tag: string; readonly kind: TaggedKind; readonly descriptor: Descriptor }[];
  /** Manifests by the digest of their subject. */
  readonly referrers: ReadonlyMap<Digest, readonly Descriptor[]>;
}

/**
 * Finds out what a saved layout holds.
 *
 * @param prefix stands before attachments' tags where the layout does not name them
 * @throws OciError IMAGE_NOT_FOUND, IMAGE_AMBIGUOUS, LIMIT_EXCEEDED
 */
export async function readSaved(
  folder: LayoutFolder,
  prefix: string | undefined,
  signal?: AbortSignal,
): Promise<SavedImage> {
  const root = findRoot(folder.entries);
  const tagged = folder.entries.flatMap((entry) => {
    const tag = taggedBy(entry, root, prefix);
    return tag === undefined ? [] : [{ ...tag, descriptor: bare(entry) }];
  });
  return { root, tagged, referrers: await findReferrers(folder, signal) };
}

function findRoot(entries: readonly Descriptor[]): Descriptor {
  const roots = entries.filter((entry) => ['image', 'imageIndex'].includes(entryKind(entry) ?? ''));
  const [root] = roots;
  if (root !== undefined && roots.length === 1) return bare(root);
  const what = roots.length === 0 ? 'no entry that' : `${roots.length} entries that each`;
  const sentence = `The index.json has ${what} cosign calls an image; save one image with this program or with cosign`;
  throw new OciError(roots.length === 0 ? 'IMAGE_NOT_FOUND' : 'IMAGE_AMBIGUOUS', sentence);
}

/** The tag that an entry goes to: cosign's kinds are about the root, other entries name theirs. */
function taggedBy(
  entry: Descriptor,
  root: Descriptor,
  prefix: string | undefined,
): { readonly tag: string; readonly kind: TaggedKind } | undefined {
  const named = entryTag(entry);
  if (named !== undefined) return { tag: named.tag, kind: named.kind };
  const kind = entryKind(entry);
  if (kind !== 'sigs' && kind !== 'atts') return undefined;
  const tagged = kind === 'sigs' ? 'signature' : 'attestation';
  return { kind: tagged, tag: attachmentTag(root.digest, tagged, prefix) };
}

/** Cosign leaves referrers out of `index.json`, so all blobs that may be manifests are looked at. */
async function findReferrers(
  folder: LayoutFolder,
  signal: AbortSignal | undefined,
): Promise<Map<Digest, readonly Descriptor[]>> {
  const found = new Map<Digest, Descriptor[]>();
  for await (const { descriptor, bytes } of folder.documents(limits.manifestBytes, signal)) {
    const manifest = readManifest(bytes);
    if (manifest?.subject === undefined) continue;
    const artifactType = artifactTypeOf(manifest);
    const others = found.get(manifest.subject.digest) ?? [];
    others.push({
      ...descriptor,
      mediaType: manifest.mediaType,
      ...(artifactType === undefined ? {} : { artifactType }),
    });
    found.set(manifest.subject.digest, others);
  }
  return found;
}

function readManifest(bytes: Buffer): ReturnType<typeof parseManifest> | undefined {
  try {
    return parseManifest(bytes);
  } catch (error) {
    // Most blobs are something else.
    if (error instanceof OciError) return undefined;
    throw error;
  }
}

function bare({ mediaType, digest, size }: Descriptor): Descriptor {
  return { mediaType, digest, size };
}
