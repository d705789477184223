import type { BuiltContent } from '../image/image-builder.ts';
import type { RegistryStore } from './store.ts';

/** Puts an image or an index, with all that is in it, into the store of a test registry. */
export function putBuilt(
  store: RegistryStore,
  repository: string,
  { descriptor, blobs }: BuiltContent,
  tag: string,
): void {
  for (const [digest, bytes] of blobs) {
    if (bytes[0] !== 0x7b || !/"(?:layers|manifests)":/.test(bytes.toString())) store.putBlob(repository, bytes);
    else {
      const { mediaType } = JSON.parse(bytes.toString()) as { mediaType: string };
      store.putManifest(repository, digest, mediaType, bytes);
      if (digest === descriptor.digest) store.putManifest(repository, tag, mediaType, bytes);
    }
  }
}
