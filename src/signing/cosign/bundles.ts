import type { Problem } from '../../base/problem.ts';
import { type RemoteRepository, repositoryName } from '../../oci/client/remote-repository.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import type { Digest } from '../../oci/digest.ts';
import { bundleAnnotations } from './annotations.ts';
import { type FetchedLayer, fetchLayers, type LayerBudget } from './fetch-layers.ts';
import { lookUp } from './look-up.ts';
import { bundleVersion, looksLikeBundle } from './media-types.ts';
import { type AttachedManifest, type LookOptions, readReferrers } from './read-referrers.ts';

/** A Sigstore bundle as it is attached to an image: nothing of it is verified yet. */
export interface AttachedBundle {
  /** The manifest that attaches it. */
  readonly manifest: Descriptor;
  /** The layer that it is. */
  readonly layer: Descriptor;
  readonly bytes: Buffer;
  /** The manifest's annotations: hints, which nobody signed. */
  readonly annotations: Readonly<Record<string, string>>;
  readonly predicateType?: string;
  readonly content?: string;
  /** RFC 3339, as written. */
  readonly created?: string;
}

/** Bundles, and what was listed but could not be read. */
export interface AttachedBundles {
  readonly bundles: readonly AttachedBundle[];
  readonly problems: readonly Problem[];
  /** What else is attached. */
  readonly others: readonly AttachedManifest[];
}

/**
 * Finds the bundles that are attached to a digest (cosign, BUNDLE_SPEC.md): referrers with one layer of a bundle's media
 * type, version 0.3 or later. What cannot be read is told, never passed over in silence.
 *
 * @throws SigningError SIGNATURES_UNAVAILABLE, LIMIT_EXCEEDED
 */
export async function findBundles(
  remote: RemoteRepository,
  digest: Digest,
  options: LookOptions = {},
): Promise<AttachedBundles> {
  const { manifests, problems } = await readReferrers(remote, digest, options);
  const read = await readBundles(remote, manifests, options.signal);
  return { ...read, problems: [...problems, ...read.problems] };
}

/** Reads the bundles among manifests that were read already, as {@link findBundles} does. @throws SigningError */
export async function readBundles(
  remote: RemoteRepository,
  attached: readonly AttachedManifest[],
  signal?: AbortSignal,
  budget?: LayerBudget,
): Promise<AttachedBundles> {
  const problems: Problem[] = [];
  const others: AttachedManifest[] = [];
  const found: { readonly attached: AttachedManifest; readonly layer: Descriptor }[] = [];
  for (const one of attached) {
    const layer = bundleLayer(one);
    if (layer === undefined) others.push(one);
    else if (typeof layer === 'string') problems.push(problem('BUNDLE_UNSUPPORTED', one, layer));
    else found.push({ attached: one, layer });
  }
  const layers = found.map(({ layer }) => layer);
  const what = `The bundles in ${repositoryName(remote)}`;
  const fetched = await lookUp(what, async () => await fetchLayers(remote, layers, signal, budget));
  const bundles = found.flatMap(({ attached: one, layer }, at) => {
    const result = fetched[at] as FetchedLayer;
    if ('bytes' in result) return [describe(one, layer, result.bytes)];
    problems.push(problem('BUNDLE_UNREADABLE', one, result.error.message));
    return [];
  });
  return { bundles, problems, others };
}

/** The layer that is a bundle; a sentence for what means to be one and is not; undefined for other artifacts. */
function bundleLayer({ manifest, artifactType }: AttachedManifest): Descriptor | string | undefined {
  if (manifest.kind === 'index') return undefined;
  const [layer] = manifest.layers;
  const meant = [artifactType ?? '', ...manifest.layers.map(({ mediaType }) => mediaType)].some(looksLikeBundle);
  if (!meant) return undefined;
  if (layer === undefined || manifest.layers.length !== 1) {
    return `It has ${manifest.layers.length} layers, where a bundle is exactly one`;
  }
  const version = bundleVersion(layer.mediaType);
  if (version === undefined) return `"${layer.mediaType.slice(0, 100)}" is not the media type of a bundle`;
  const { major, minor } = version;
  // Older ones were never attached so, and what they say is weaker.
  return major === 0 && minor < 3 ? `A bundle of version ${major}.${minor} is too old to be attached so` : layer;
}

function describe({ descriptor, manifest }: AttachedManifest, layer: Descriptor, bytes: Buffer): AttachedBundle {
  const { annotations } = manifest;
  const predicateType = annotations[bundleAnnotations.predicateType];
  const content = annotations[bundleAnnotations.content];
  const created = annotations[bundleAnnotations.created];
  return {
    manifest: descriptor,
    layer,
    bytes,
    annotations,
    ...(predicateType ? { predicateType } : {}),
    ...(content ? { content } : {}),
    ...(created ? { created } : {}),
  };
}

function problem(code: string, { descriptor }: AttachedManifest, message: string): Problem {
  return { code, subject: descriptor.digest, message };
}
