import { mapBounded } from '../../base/concurrency.ts';
import type { Problem } from '../../base/problem.ts';
import { fetchManifestIfThere } from '../../oci/client/fetch-manifest.ts';
import { type RemoteRepository, repositoryName } from '../../oci/client/remote-repository.ts';
import type { Digest } from '../../oci/digest.ts';
import { parseManifest } from '../../oci/manifest.ts';
import { artifactTypeOf } from '../../oci/referrer.ts';
import { bundleAnnotations, signPredicateType } from './annotations.ts';
import { legacyKind } from './legacy-signatures.ts';
import { isOwnFault, lookUp } from './look-up.ts';
import { legacySbomType, looksLikeBundle, notationType } from './media-types.ts';
import { type AttachedManifest, isProblem, type LookOptions, readReferrers } from './read-referrers.ts';
import { attachmentTagIfAny, type TaggedKind } from './tags.ts';

/** What an attachment says about what it is attached to, as far as its manifest tells: nobody signed that. */
export type AttachmentKind = TaggedKind | 'other';

/** How it is attached. */
export type AttachmentForm =
  /** At a tag that is made of the digest. */
  | 'tag'
  /** A Sigstore bundle that names its subject. */
  | 'bundle'
  /** Any other manifest that names its subject. */
  | 'referrer';

/** One manifest that is attached to another. */
export interface Attachment extends AttachedManifest {
  readonly kind: AttachmentKind;
  readonly form: AttachmentForm;
  /** Only for the form `tag`. */
  readonly tag?: string;
  /** As a bundle's manifest calls it. */
  readonly predicateType?: string;
}

/** What is attached to a manifest, and what was listed but could not be used. */
export interface Attachments {
  readonly attachments: readonly Attachment[];
  readonly problems: readonly Problem[];
}

/** In the order in which they are shown. */
const taggedKinds: readonly TaggedKind[] = ['signature', 'attestation', 'sbom'];

/** Types of artifacts that are an SBOM, whoever attached it. */
const sbomTypes = /^(?:application|text)\/(?:.*[./+-])?(?:spdx|cyclonedx|syft|sbom)\b/;

/**
 * Finds everything that is attached to a digest: cosign's tags, bundles, and all other referrers. What is attached to
 * these in turn is found by asking for their digests.
 *
 * @param options.prefix what stands before tags (`--attachment-tag-prefix`)
 * @param options.tags whether to look for tags; true by default
 * @throws SigningError SIGNATURES_UNAVAILABLE, LIMIT_EXCEEDED
 */
export async function findAttachments(
  remote: RemoteRepository,
  digest: Digest,
  options: LookOptions & { readonly prefix?: string; readonly tags?: boolean } = {},
): Promise<Attachments> {
  const kinds = options.tags === false ? [] : taggedKinds;
  const [tagged, referrers] = await Promise.all([
    mapBounded(kinds, kinds.length, (kind) => atTag(remote, digest, kind, options)),
    readReferrers(remote, digest, options),
  ]);
  const there = tagged.filter((one) => one !== undefined);
  return {
    attachments: [
      ...there.filter((one): one is Attachment => !isProblem(one)),
      ...referrers.manifests.map(describeReferrer),
    ],
    problems: [...there.filter(isProblem), ...referrers.problems],
  };
}

/** What a referrer is, by its manifest alone. */
export function describeReferrer(attached: AttachedManifest): Attachment {
  const { manifest, artifactType = '' } = attached;
  const { annotations } = manifest;
  const predicateType = annotations[bundleAnnotations.predicateType];
  const types = [
    artifactType,
    ...(manifest.kind === 'manifest' ? manifest.layers.map((layer) => layer.mediaType) : []),
  ];
  if (types.some(looksLikeBundle)) {
    const signs = predicateType === signPredicateType || annotations[bundleAnnotations.content] === 'message-signature';
    const kind = signs ? 'signature' : 'attestation';
    return { ...attached, kind, form: 'bundle', ...(predicateType ? { predicateType } : {}) };
  }
  const legacy = legacyKind(manifest, artifactType);
  if (legacy !== undefined) return { ...attached, kind: legacy, form: 'referrer' };
  if (artifactType === notationType) return { ...attached, kind: 'signature', form: 'referrer' };
  const sbom = artifactType === legacySbomType || sbomTypes.test(artifactType);
  return { ...attached, kind: sbom ? 'sbom' : 'other', form: 'referrer' };
}

/** What stands at a tag that is made of a digest, or why it could not be read. @throws SigningError SIGNATURES_UNAVAILABLE */
export async function atTag(
  remote: RemoteRepository,
  digest: Digest,
  kind: TaggedKind,
  { prefix, signal }: Pick<LookOptions, 'signal'> & { readonly prefix?: string },
): Promise<Attachment | Problem | undefined> {
  const { client, repository } = remote;
  const tag = attachmentTagIfAny(digest, kind, prefix);
  if (tag === undefined) return undefined;
  return await lookUp(`The ${kind} at ${repositoryName(remote)}:${tag}`, async () => {
    try {
      const fetched = await fetchManifestIfThere(client, repository, tag, signal);
      if (fetched === undefined) return undefined;
      const { bytes, descriptor } = fetched;
      const manifest = parseManifest(bytes, descriptor.mediaType);
      const artifactType = artifactTypeOf(manifest);
      const own = { ...descriptor, mediaType: manifest.mediaType };
      return { kind, form: 'tag', tag, descriptor: own, bytes, manifest, ...(artifactType ? { artifactType } : {}) };
    } catch (error) {
      if (!isOwnFault(error)) throw error;
      return { code: error.code, subject: tag, message: error.message };
    }
  });
}
