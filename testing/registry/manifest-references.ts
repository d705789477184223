import type { RegistryStore } from './store.ts';

/** The parts of a manifest or index that a registry looks at. */
export interface ManifestDocument {
  readonly artifactType?: string;
  readonly config?: { readonly mediaType?: string; readonly digest: string };
  readonly layers?: readonly { readonly digest: string; readonly urls?: readonly string[] }[];
  readonly manifests?: readonly { readonly digest: string }[];
  readonly subject?: { readonly digest: string };
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Reads a manifest; undefined for bytes that are none. */
export function readDocument(bytes: Uint8Array): ManifestDocument | undefined {
  try {
    const document: unknown = JSON.parse(Buffer.from(bytes).toString());
    return typeof document === 'object' && document !== null ? document : undefined;
  } catch {
    return undefined;
  }
}

/** What a manifest is about; undefined when it names no subject. */
export function subjectOf(bytes: Uint8Array): string | undefined {
  return readDocument(bytes)?.subject?.digest;
}

/** Digests that a manifest needs and its repository lacks. The subject may come later; foreign layers never do. */
export function missingReferences(store: RegistryStore, repository: string, bytes: Uint8Array): string[] {
  const { config, layers = [], manifests = [] } = readDocument(bytes) ?? {};
  const blobs = [...(config === undefined ? [] : [config]), ...layers.filter(({ urls = [] }) => urls.length === 0)];
  return [
    ...blobs.filter(({ digest }) => store.blob(repository, digest) === undefined),
    ...manifests.filter(({ digest }) => store.manifest(repository, digest) === undefined),
  ].map(({ digest }) => digest);
}
