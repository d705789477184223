import { type Digest, digestAlgorithm, digestHex } from '../../oci/digest.ts';
import { OciError } from '../../oci/error.ts';
import { isTag, parseReference, type Reference } from '../../oci/reference.ts';

/** What cosign attaches by a tag that is made of the image's digest. */
export type TaggedKind = 'signature' | 'attestation' | 'sbom';

const suffixes: Readonly<Record<TaggedKind, string>> = { signature: 'sig', attestation: 'att', sbom: 'sbom' };

/**
 * The tag that a digest's signatures, attestations or SBOM stand at: `sha256-….sig` (cosign, SIGNATURE_SPEC.md).
 *
 * @param prefix stands before it (`--attachment-tag-prefix`)
 * @throws OciError REFERENCE_INVALID for a prefix that makes no tag, and for a digest that is too long for one
 */
export function attachmentTag(digest: Digest, kind: TaggedKind, prefix: string = ''): string {
  const tag = attachmentTagIfAny(digest, kind, prefix);
  if (tag !== undefined) return tag;
  const algorithm = digestAlgorithm(digest);
  const sentence = `A digest of ${algorithm} is longer than a tag can be, so that nothing stands at one; use bundles in the place of the older form, or name the image by sha256`;
  throw new OciError('REFERENCE_INVALID', sentence);
}

/**
 * The same; undefined for a digest that is too long for any tag, as those of sha512 are, so that nothing can stand at one.
 *
 * @throws OciError REFERENCE_INVALID for a prefix that makes no tag
 */
export function attachmentTagIfAny(digest: Digest, kind: TaggedKind, prefix: string = ''): string | undefined {
  const own = `${digestAlgorithm(digest)}-${digestHex(digest)}.${suffixes[kind]}`;
  if (!isTag(own)) return undefined;
  const tag = `${prefix}${own}`;
  if (isTag(tag)) return tag;
  const sentence = `The prefix "${prefix.slice(0, 100)}" makes no tag; use letters, digits, ".", "_" and "-", and few of them`;
  throw new OciError('REFERENCE_INVALID', sentence);
}

/**
 * Where what belongs to an image is kept: beside it, or all in the repository that `COSIGN_REPOSITORY` names, which may
 * be of another registry.
 *
 * @throws OciError REFERENCE_INVALID
 */
export function attachmentRepository(
  image: Pick<Reference, 'registry' | 'repository'>,
  override: string | undefined,
): Pick<Reference, 'registry' | 'repository'> {
  if (override === undefined || override === '') return { registry: image.registry, repository: image.repository };
  const { registry, repository } = parseReference(override);
  if (!/[@]|:[^/]*$/.test(override)) return { registry, repository };
  const sentence = `"${override.slice(0, 100)}" names more than a repository; leave the tag and the digest out`;
  throw new OciError('REFERENCE_INVALID', sentence);
}
