/** A version of the bundle format, with what it demands (sigstore_bundle.proto). */
export type BundleVersion = '0.1' | '0.2' | '0.3';

/** What this program writes, and the artifact type of bundles in registries. */
export const bundleMediaType = 'application/vnd.dev.sigstore.bundle.v0.3+json';

/** Every name that a bundle may have, exactly: `…v0.9+json` and `…+jsonEVIL` are none. */
const versions: ReadonlyMap<string, BundleVersion> = new Map([
  ['application/vnd.dev.sigstore.bundle+json;version=0.1', '0.1'],
  ['application/vnd.dev.sigstore.bundle+json;version=0.2', '0.2'],
  ['application/vnd.dev.sigstore.bundle+json;version=0.3', '0.3'],
  [bundleMediaType, '0.3'],
]);

/** The version that a media type names; undefined when it is none that is known. */
export function bundleVersion(mediaType: string): BundleVersion | undefined {
  return versions.get(mediaType);
}
