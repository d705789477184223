import { type ManifestChange, changeManifest } from '../../oci/client/change-manifest.ts';
import type { FetchedManifest } from '../../oci/client/fetch-manifest.ts';
import { blobOf, pushBlob, putManifest } from '../../oci/client/push.ts';
import type { RemoteRepository } from '../../oci/client/remote-repository.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import type { Digest } from '../../oci/digest.ts';
import type { JsonObject } from '../../oci/json.ts';
import { digestOf } from '../../oci/verify-content.ts';
import { SigningError } from '../error.ts';
import { signingLimits } from '../limits.ts';
import { layerAnnotations } from './annotations.ts';
import { predicateTypeIn } from './envelope.ts';
import { type FetchedLayer, fetchLayers } from './fetch-layers.ts';
import { legacyImage, newLayer, rawLayers } from './legacy-image.ts';
import { layerMediaTypes, type LegacyKind, legacyManifest } from './legacy-signatures.ts';
import { attachmentTag } from './tags.ts';

/** A signature or attestation to attach as cosign did before bundles. */
export interface LegacyToAttach {
  readonly kind: LegacyKind;
  /** What was signed (`signature`), or the envelope (`attestation`). */
  readonly payload: Uint8Array;
  readonly annotations: Readonly<Record<string, string>>;
}

/** How to attach it. */
export interface AttachLegacyOptions {
  /** Stands before the tag (`--attachment-tag-prefix`). */
  readonly prefix?: string;
  /** Takes away the attestations of the same predicate type (`--replace`). */
  readonly replace?: boolean;
  /**
   * Whether a signature over the same payload, with the same annotations, is of the same signer: then the new one says
   * nothing new and is not added.
   */
  readonly isOwn?: (signature: string) => boolean | Promise<boolean>;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Adds a layer to the `.sig` or `.att` image of a digest, byte for byte as cosign does. Layers that others add at the
 * same time are not lost, as far as the registry allows it.
 *
 * @returns whether it was added, or was there already
 * @throws SigningError LIMIT_EXCEEDED for a full image; OciError CONFLICT and the codes of a registry's answers
 */
export async function attachLegacy(
  remote: RemoteRepository,
  digest: Digest,
  attached: LegacyToAttach,
  options: AttachLegacyOptions = {},
): Promise<'added' | 'present'> {
  const { client, repository } = remote;
  const { signal } = options;
  const tag = attachmentTag(digest, attached.kind, options.prefix);
  const layer: Descriptor = {
    mediaType: layerMediaTypes[attached.kind],
    size: attached.payload.length,
    digest: digestOf(attached.payload),
    annotations: attached.annotations,
  };
  let added = false;
  const change: ManifestChange = {
    apply: async (current) => {
      const layers = layersOf(current, tag);
      const kept = options.replace === true ? await otherTypes(remote, layers, attached, signal) : layers;
      const there = await isThere(kept, layer, options.isOwn);
      if (there && kept.length === layers.length) return undefined;
      if (kept.length >= signingLimits.attachments) throw full(tag);
      if (!added) await pushBlob(client, repository, blobOf(attached.payload), withSignal(signal));
      added = true;
      // As cosign has it: what replaces others stands first.
      const next = there ? kept : options.replace === true ? [newLayer(layer), ...kept] : [...kept, newLayer(layer)];
      const image = legacyImage(next, current?.bytes);
      await pushBlob(client, repository, blobOf(image.config), withSignal(signal));
      return image.manifest;
    },
    holds: (current) => layersOf(current, tag).some((other) => isSame(other, layer)),
  };
  await changeManifest(client, repository, tag, change, signal);
  return added ? 'added' : 'present';
}

/**
 * Brings the layers of another `.sig` or `.att` image to a tag, beside those that stand there. Its blobs must be in the
 * repository already.
 *
 * @throws SigningError LIMIT_EXCEEDED for a full image; OciError CONFLICT and the codes of a registry's answers
 */
export async function mergeLegacy(
  { client, repository }: RemoteRepository,
  tag: string,
  image: { readonly mediaType: string; readonly bytes: Uint8Array },
  signal?: AbortSignal,
): Promise<void> {
  const wanted = rawLayers(image.bytes);
  const missing = (current: FetchedManifest | undefined): readonly JsonObject[] => {
    const there = layersOf(current, tag);
    return wanted.filter((layer) => !there.some((other) => isSame(other, layer as unknown as Descriptor)));
  };
  await changeManifest(
    client,
    repository,
    tag,
    {
      apply: async (current) => {
        if (current === undefined) return image;
        const layers = missing(current);
        if (layers.length === 0) return undefined;
        const all = [...layersOf(current, tag), ...layers];
        if (all.length > signingLimits.attachments) throw full(tag);
        const merged = legacyImage(all, current.bytes);
        await pushBlob(client, repository, blobOf(merged.config), withSignal(signal));
        return merged.manifest;
      },
      holds: (current) => missing(current).length === 0,
    },
    signal,
  );
}

/**
 * Attaches an SBOM as cosign's `attach sbom` does: at the `.sbom` tag, in the place of any other.
 *
 * @throws OciError with the codes of a registry's answers
 */
export async function attachSbom(
  { client, repository }: RemoteRepository,
  digest: Digest,
  sbom: { readonly bytes: Uint8Array; readonly mediaType: string },
  options: { readonly prefix?: string; readonly signal?: AbortSignal | undefined } = {},
): Promise<Descriptor> {
  const { signal } = options;
  const { bytes, mediaType } = sbom;
  const layer = encodeSbom(bytes, mediaType);
  const image = legacyImage([newLayer(layer)]);
  await pushBlob(client, repository, blobOf(bytes), withSignal(signal));
  await pushBlob(client, repository, blobOf(image.config), withSignal(signal));
  const { manifest } = image;
  await putManifest(client, repository, attachmentTag(digest, 'sbom', options.prefix), manifest, {}, signal);
  return { mediaType: manifest.mediaType, digest: digestOf(manifest.bytes), size: manifest.bytes.length };
}

function encodeSbom(bytes: Uint8Array, mediaType: string): Descriptor {
  return { mediaType, size: bytes.length, digest: digestOf(bytes) };
}

function layersOf(current: FetchedManifest | undefined, tag: string): readonly JsonObject[] {
  if (current === undefined) return [];
  // Read strictly first: what is no such image must not be written over.
  legacyManifest(current, tag);
  return rawLayers(current.bytes);
}

/** The layers whose statement is of another predicate type than the new one's. What cannot be read is kept. */
async function otherTypes(
  remote: RemoteRepository,
  layers: readonly JsonObject[],
  attached: LegacyToAttach,
  signal: AbortSignal | undefined,
): Promise<readonly JsonObject[]> {
  const type = predicateTypeIn(attached.payload);
  if (type === undefined || layers.length === 0) return layers;
  const fetched = await fetchLayers(remote, layers as unknown as readonly Descriptor[], signal);
  return layers.filter((_, at) => {
    const other = fetched[at] as FetchedLayer;
    return 'error' in other || predicateTypeIn(other.bytes) !== type;
  });
}

async function isThere(
  layers: readonly JsonObject[],
  layer: Descriptor,
  isOwn: AttachLegacyOptions['isOwn'],
): Promise<boolean> {
  for (const other of layers) {
    if (isSame(other, layer)) return true;
    if (isOwn === undefined || !isSame(other, layer, layerAnnotations.signature)) continue;
    const signature = annotationsOf(other)[layerAnnotations.signature];
    if (typeof signature === 'string' && signature !== '' && (await isOwn(signature))) return true;
  }
  return false;
}

/** @param except an annotation that may differ */
function isSame(other: JsonObject, layer: Descriptor, except?: string): boolean {
  if (other.digest !== layer.digest || other.mediaType !== layer.mediaType) return false;
  const theirs = annotationsOf(other);
  const ours: Readonly<Record<string, unknown>> = layer.annotations ?? {};
  const names = new Set([...Object.keys(theirs), ...Object.keys(ours)]);
  return [...names].every((name) => name === except || theirs[name] === ours[name]);
}

function annotationsOf({ annotations }: JsonObject): Readonly<Record<string, unknown>> {
  return typeof annotations === 'object' && annotations !== null ? (annotations as Record<string, unknown>) : {};
}

function withSignal(signal: AbortSignal | undefined): { readonly signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}

function full(tag: string): SigningError {
  const { attachments } = signingLimits;
  return new SigningError(
    'LIMIT_EXCEEDED',
    `${tag} holds ${attachments} already, and readers take no more; clean it first`,
  );
}
