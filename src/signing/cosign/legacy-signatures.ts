import type { Problem } from '../../base/problem.ts';
import { type FetchedManifest, fetchManifestIfThere } from '../../oci/client/fetch-manifest.ts';
import { type RemoteRepository, repositoryName } from '../../oci/client/remote-repository.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import type { Digest } from '../../oci/digest.ts';
import { OciError } from '../../oci/error.ts';
import { type ImageManifest, parseManifest } from '../../oci/manifest.ts';
import { bareMediaType } from '../../oci/media-type.ts';
import type { SignedEntity } from '../entity.ts';
import { SigningError } from '../error.ts';
import { signingLimits } from '../limits.ts';
import { VerificationError } from '../verify/verification-error.ts';
import { type FetchedLayer, fetchLayers, type LayerBudget } from './fetch-layers.ts';
import { legacyEntity } from './legacy-entity.ts';
import { lookUp } from './look-up.ts';
import { envelopeMediaType, inTotoType, legacySignatureType, simpleSigningMediaType } from './media-types.ts';
import type { AttachedManifest } from './read-referrers.ts';
import { attachmentTagIfAny } from './tags.ts';

/** What layers of a legacy image hold. */
export type LegacyKind = 'signature' | 'attestation';

/** A signature or attestation from a layer: nothing of it is verified yet. */
export interface LegacySignature {
  readonly kind: LegacyKind;
  /** The manifest that has it. */
  readonly manifest: Descriptor;
  readonly layer: Descriptor;
  /** The layer's bytes: what was signed (`.sig`), or the envelope (`.att`). */
  readonly payload: Buffer;
  readonly annotations: Readonly<Record<string, string>>;
  readonly entity: SignedEntity;
}

/** Signatures, and layers that could not be read as such. */
export interface LegacySignatures {
  readonly signatures: readonly LegacySignature[];
  readonly problems: readonly Problem[];
}

/** The layers' media types, by what they hold. */
export const layerMediaTypes: Readonly<Record<LegacyKind, string>> = {
  signature: simpleSigningMediaType,
  attestation: envelopeMediaType,
};

/**
 * Reads the signatures or attestations at the `.sig` or `.att` tag of a digest; undefined when there is no such tag.
 *
 * @param options.prefix what stands before the tag (`--attachment-tag-prefix`)
 * @throws SigningError SIGNATURES_UNAVAILABLE, LIMIT_EXCEEDED above 1,000 layers or 256 MiB
 */
export async function findLegacySignatures(
  remote: RemoteRepository,
  digest: Digest,
  kind: LegacyKind,
  options: { readonly prefix?: string; readonly signal?: AbortSignal | undefined; readonly budget?: LayerBudget } = {},
): Promise<LegacySignatures | undefined> {
  const tag = attachmentTagIfAny(digest, kind, options.prefix);
  if (tag === undefined) return undefined;
  const what = `The ${kind}s at ${repositoryName(remote)}:${tag}`;
  return await lookUp(what, async () => {
    const { client, repository } = remote;
    const fetched = await fetchManifestIfThere(client, repository, tag, options.signal);
    if (fetched === undefined) return undefined;
    const { layers } = legacyManifest(fetched, tag);
    return await readLayers(remote, [{ kind, descriptor: fetched.descriptor, layers }], options.signal, options.budget);
  });
}

/**
 * Reads the legacy signatures and attestations among referrers, as cosign attached them with
 * `--registry-referrers-mode=oci-1-1` before it had bundles.
 *
 * @throws SigningError as {@link findLegacySignatures} does
 */
export async function readLegacyReferrers(
  remote: RemoteRepository,
  attached: readonly AttachedManifest[],
  signal?: AbortSignal,
  budget?: LayerBudget,
): Promise<LegacySignatures> {
  const holders = attached.flatMap(({ manifest, descriptor, artifactType }) => {
    const kind = legacyKind(manifest, artifactType);
    return kind === undefined || manifest.kind === 'index' ? [] : [{ kind, descriptor, layers: manifest.layers }];
  });
  if (holders.length === 0) return { signatures: [], problems: [] };
  const what = `The signatures attached in ${repositoryName(remote)}`;
  return await lookUp(what, async () => await readLayers(remote, holders, signal, budget));
}

/** What a referrer in a legacy layout holds; undefined for other artifacts. */
export function legacyKind(
  manifest: AttachedManifest['manifest'],
  artifactType: string | undefined,
): LegacyKind | undefined {
  if (manifest.kind === 'index') return undefined;
  if (artifactType === legacySignatureType) return 'signature';
  const envelopes = manifest.layers.some(({ mediaType }) => bareMediaType(mediaType) === envelopeMediaType);
  return artifactType === inTotoType && envelopes ? 'attestation' : undefined;
}

/** The manifest at a `.sig` or `.att` tag. @throws OciError MANIFEST_INVALID for an index and what cannot be read */
export function legacyManifest({ bytes, descriptor }: FetchedManifest, tag: string): ImageManifest {
  const manifest = parseManifest(bytes, descriptor.mediaType);
  if (manifest.kind === 'manifest') return manifest;
  throw new OciError('MANIFEST_INVALID', `The tag ${tag} names an index, which holds no signatures`);
}

/** A manifest whose layers are signatures. */
interface Holder {
  readonly kind: LegacyKind;
  readonly descriptor: Descriptor;
  readonly layers: readonly Descriptor[];
}

async function readLayers(
  remote: RemoteRepository,
  holders: readonly Holder[],
  signal: AbortSignal | undefined,
  budget?: LayerBudget,
): Promise<LegacySignatures> {
  const count = holders.reduce((sum, { layers }) => sum + layers.length, 0);
  if (count > signingLimits.attachments) throw tooMany(count);
  const problems: Problem[] = [];
  const wanted = holders.flatMap(({ kind, descriptor, layers }) =>
    layers.flatMap((layer) => {
      if (bareMediaType(layer.mediaType) === layerMediaTypes[kind]) return [{ kind, manifest: descriptor, layer }];
      const message = `A layer of type "${layer.mediaType.slice(0, 100)}" is no ${kind}`;
      problems.push({ code: 'LAYER_UNSUPPORTED', subject: layer.digest, message });
      return [];
    }),
  );
  const layers = wanted.map(({ layer }) => layer);
  const fetched = await fetchLayers(remote, layers, signal, budget);
  const signatures = wanted.flatMap(({ kind, manifest, layer }, at): readonly LegacySignature[] => {
    const annotations = layer.annotations ?? {};
    try {
      const payload = bytesOf(fetched[at] as FetchedLayer);
      const entity = legacyEntity(kind, payload, annotations);
      return [{ kind, manifest, layer, payload, annotations, entity }];
    } catch (error) {
      if (!(error instanceof VerificationError) && !(error instanceof OciError)) throw error;
      problems.push({ code: error.code, subject: layer.digest, message: error.message });
      return [];
    }
  });
  return { signatures, problems };
}

function bytesOf(layer: FetchedLayer): Buffer {
  if ('error' in layer) throw layer.error;
  return layer.bytes;
}

function tooMany(count: number): SigningError {
  const { attachments } = signingLimits;
  return new SigningError(
    'LIMIT_EXCEEDED',
    `There are ${count} signatures, more than the ${attachments} that are read`,
  );
}
