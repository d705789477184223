/** Media types of an index: OCI's, and Docker's manifest list. */
export const indexMediaTypes: readonly string[] = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
];

/** Media types of an image manifest: OCI's, and Docker's schema 2. */
export const imageManifestMediaTypes: readonly string[] = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
];

/** The second of these: Docker's own. */
export const schema2MediaType = 'application/vnd.docker.distribution.manifest.v2+json';

/** Docker's first manifest format, signed or not. It has no config and no layer sizes, and nothing makes it any more. */
export const schema1MediaTypes: readonly string[] = [
  'application/vnd.docker.distribution.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v1+prettyjws',
];

/** What a client asks a registry for when it wants an image (`Accept`). */
export const acceptedManifestMediaTypes: readonly string[] = [...imageManifestMediaTypes, ...indexMediaTypes];

/**
 * True for what names other content. What an index lists of any other type is a blob: BuildKit's caches list their layers and their
 * config in an index.
 */
export function isManifestMediaType(mediaType: string): boolean {
  const bare = bareMediaType(mediaType);
  return acceptedManifestMediaTypes.includes(bare) || schema1MediaTypes.includes(bare);
}

/**
 * Media types of an image's config. Early Docker releases pushed the last four, and some registries changed them to these, so they count as
 * images as well, as they do for Docker (`defaultImageTypes` of its `distribution` package).
 */
export const imageConfigMediaTypes: readonly string[] = [
  'application/vnd.oci.image.config.v1+json',
  'application/vnd.docker.container.image.v1+json',
  'application/octet-stream',
  'application/json',
  'text/html',
  '',
];

/** Media types of layers whose bytes lie in the registry. The compression is told by the bytes, never by these. */
export const layerMediaTypes: readonly string[] = [
  'application/vnd.oci.image.layer.v1.tar',
  'application/vnd.oci.image.layer.v1.tar+gzip',
  'application/vnd.oci.image.layer.v1.tar+zstd',
  'application/vnd.oci.image.layer.v1.tar.zstd',
  'application/vnd.docker.image.rootfs.diff.tar',
  'application/vnd.docker.image.rootfs.diff.tar.gzip',
  'application/vnd.docker.image.rootfs.diff.tar.zstd',
];

/** Media types of layers that may not be redistributed: their bytes lie at the descriptor's `urls`. */
export const foreignLayerMediaTypes: readonly string[] = [
  'application/vnd.oci.image.layer.nondistributable.v1.tar',
  'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip',
  'application/vnd.oci.image.layer.nondistributable.v1.tar+zstd',
  'application/vnd.docker.image.rootfs.foreign.diff.tar',
  'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip',
  'application/vnd.docker.image.rootfs.foreign.diff.tar.zstd',
];

/** A media type without parameters and in lower case, as the lists here have it (RFC 9110, 8.3.1). */
export function bareMediaType(mediaType: string): string {
  const semicolon = mediaType.indexOf(';');
  return (semicolon < 0 ? mediaType : mediaType.slice(0, semicolon)).trim().toLowerCase();
}
