import { type RegistryStore, sha256 } from './store.ts';

const manifestType = 'application/vnd.oci.image.manifest.v1+json';
const emptyType = 'application/vnd.oci.empty.v1+json';

/** A layer of an artifact made up for a test. */
export interface TestLayer {
  readonly mediaType: string;
  readonly bytes: Uint8Array;
  readonly annotations?: Readonly<Record<string, string>>;
  /** Sizes and digests that lie. */
  readonly size?: number;
  readonly digest?: string;
}

/** An artifact made up for a test. */
export interface TestArtifact {
  readonly layers: readonly TestLayer[];
  readonly artifactType?: string;
  readonly configType?: string;
  readonly subject?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Puts an artifact straight into a store, past the push API; returns its descriptor. */
export function storeArtifact(
  store: RegistryStore,
  repository: string,
  artifact: TestArtifact,
  tag?: string,
): { readonly mediaType: string; readonly digest: string; readonly size: number } {
  const empty = Buffer.from('{}');
  for (const { bytes } of [...artifact.layers, { bytes: empty }]) store.putBlob(repository, bytes);
  const { artifactType, configType = emptyType, subject, annotations } = artifact;
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: manifestType,
      ...(artifactType === undefined ? {} : { artifactType }),
      config: { mediaType: configType, digest: sha256(empty), size: empty.length },
      layers: artifact.layers.map(({ mediaType, bytes, annotations: notes, size, digest }) => ({
        mediaType,
        digest: digest ?? sha256(bytes),
        size: size ?? bytes.length,
        ...(notes === undefined ? {} : { annotations: notes }),
      })),
      ...(subject === undefined ? {} : { subject: { mediaType: manifestType, digest: subject, size: 1 } }),
      ...(annotations === undefined ? {} : { annotations }),
    }),
  );
  const digest = store.putManifest(repository, tag ?? sha256(manifest), manifestType, manifest);
  return { mediaType: manifestType, digest, size: manifest.length };
}

/** Puts an index at a tag, as the fallback for referrers is. */
export function storeIndexOf(
  store: RegistryStore,
  repository: string,
  tag: string,
  manifests: readonly object[],
): string {
  const mediaType = 'application/vnd.oci.image.index.v1+json';
  const index = { schemaVersion: 2, mediaType, manifests };
  return store.putManifest(repository, tag, mediaType, Buffer.from(JSON.stringify(index)));
}
