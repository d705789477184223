import type { Descriptor } from '../../oci/descriptor.ts';
import type { Digest } from '../../oci/digest.ts';
import { isDigest } from '../../oci/digest.ts';
import type { Attachment } from './attachments.ts';
import type { TaggedKind } from './tags.ts';

/** The annotation by which cosign tells the entries of a layout apart (cosign, `save`). */
const kindAnnotation = 'kind';
const nameAnnotation = 'org.opencontainers.image.ref.name';
const prefix = 'dev.cosignproject.cosign/';

/** What an entry of a layout is. */
export type LayoutEntryKind = 'image' | 'imageIndex' | 'sigs' | 'atts';

const kinds: ReadonlySet<string> = new Set<LayoutEntryKind>(['image', 'imageIndex', 'sigs', 'atts']);

/** The entry of the image that was saved. */
export function rootEntry(root: Descriptor, kind: 'image' | 'imageIndex', tag: string | undefined): Descriptor {
  const annotations = {
    [kindAnnotation]: `${prefix}${kind}`,
    ...(tag === undefined ? {} : { [nameAnnotation]: tag }),
  };
  return { mediaType: root.mediaType, size: root.size, digest: root.digest, annotations };
}

/**
 * The entry of what is attached. Cosign knows kinds for what belongs to the root; everything else goes by its tag, or as
 * a manifest that names its subject itself.
 */
export function attachmentEntry(attachment: Attachment, toRoot: boolean): Descriptor {
  const { descriptor, kind, tag, artifactType } = attachment;
  const known = kind === 'signature' ? 'sigs' : kind === 'attestation' ? 'atts' : undefined;
  const annotations =
    tag === undefined
      ? undefined
      : { ...(toRoot && known ? { [kindAnnotation]: `${prefix}${known}` } : {}), [nameAnnotation]: tag };
  return {
    mediaType: descriptor.mediaType,
    size: descriptor.size,
    digest: descriptor.digest,
    ...(annotations === undefined ? {} : { annotations }),
    ...(artifactType === undefined || tag !== undefined ? {} : { artifactType }),
  };
}

/** What cosign calls an entry; undefined for entries that it does not know. */
export function entryKind({ annotations }: Descriptor): LayoutEntryKind | undefined {
  const kind = annotations?.[kindAnnotation];
  if (kind?.startsWith(prefix) !== true) return undefined;
  const name = kind.slice(prefix.length);
  return kinds.has(name) ? (name as LayoutEntryKind) : undefined;
}

/** The digest and kind that an entry's tag stands for, where it is an attachment's. */
export function entryTag({
  annotations,
}: Descriptor): { readonly tag: string; readonly digest: Digest; readonly kind: TaggedKind } | undefined {
  const tag = annotations?.[nameAnnotation] ?? '';
  const match = /^[\w.-]{0,50}?(sha256|sha384|sha512)-([0-9a-f]{64,128})\.(sig|att|sbom)$/.exec(tag);
  const digest = `${match?.[1]}:${match?.[2]}`;
  if (match === null || !isDigest(digest)) return undefined;
  const kind = match[3] === 'sig' ? 'signature' : match[3] === 'att' ? 'attestation' : 'sbom';
  return { tag, digest, kind };
}
