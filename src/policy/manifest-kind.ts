import type { ImageManifest } from '../oci/manifest.ts';
import {
  bareMediaType,
  foreignLayerMediaTypes,
  imageConfigMediaTypes,
  layerMediaTypes,
  schema2MediaType,
} from '../oci/media-type.ts';

/**
 * Whether something of a manifest could run. Runtimes do not ask what a manifest calls itself: given an image's config, Docker and
 * CRI-O unpack layers of any media type. Such a manifest whose layers all claim to be attachments is `claimed`: it is an
 * artifact only when each of its layers really is a text in JSON, which no archive is (`isJsonText`).
 */
export type ManifestKind = 'image' | 'artifact' | 'claimed';

/** Media types of what is attached to images under an image's config: signatures, statements, bundles. */
const attachments: ReadonlySet<string> = new Set([
  'application/vnd.dev.cosign.simplesigning.v1+json',
  'application/vnd.dsse.envelope.v1+json',
  'application/vnd.in-toto+json',
  'application/vnd.dev.sigstore.bundle.v0.3+json',
  'application/vnd.cyclonedx+json',
  'application/spdx+json',
  'text/spdx+json',
]);

/** Artifacts whose config no runtime takes, though their layers are archives. */
const archives: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  [
    'application/vnd.cncf.helm.config.v1+json',
    new Set([
      'application/vnd.cncf.helm.chart.content.v1.tar+gzip',
      'application/tar+gzip',
      'application/vnd.cncf.helm.chart.provenance.v1.prov',
    ]),
  ],
  ['application/vnd.cncf.flux.config.v1+json', new Set(['application/vnd.cncf.flux.content.v1.tar+gzip'])],
]);

const runnable: ReadonlySet<string> = new Set([...layerMediaTypes, ...foreignLayerMediaTypes]);

/**
 * What a manifest is, by the media types of its config and layers and by nothing else that it says. Any layer that a runtime would
 * unpack, or whose type speaks of an archive or of WebAssembly, makes it an image. In Docker's own format nothing else was ever meant, and
 * Podman and CRI-O ask for no type of its config, nor whether the types of its layers are those of layers.
 *
 * @param manifest media types of the manifest, as it says itself and as it is served
 */
export function kindOfManifest(config: string, layers: readonly string[], manifest: readonly string[]): ManifestKind {
  const configType = bareMediaType(config);
  const types = layers.map(bareMediaType);
  const isDocker = manifest.some((type) => bareMediaType(type) === schema2MediaType);
  const known = archives.get(configType);
  if (!isDocker && known !== undefined && types.every((type) => known.has(type))) return 'artifact';
  if (types.some((type) => runnable.has(type) || /tar|wasm/.test(type))) return 'image';
  if (!isDocker && !imageConfigMediaTypes.includes(configType)) return 'artifact';
  return types.length > 0 && types.every((type) => attachments.has(type)) ? 'claimed' : 'image';
}

/** The same of a manifest that was read, as it is served. */
export function kindOfDocument({ mediaType, config, layers }: ImageManifest, served: string): ManifestKind {
  const types = layers.map((layer) => layer.mediaType);
  return kindOfManifest(config.mediaType, types, [served, mediaType]);
}

/** Whether bytes are a text in JSON, which neither a tar archive nor anything compressed is. */
export function isJsonText(bytes: Uint8Array): boolean {
  try {
    JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    return true;
  } catch {
    return false;
  }
}
