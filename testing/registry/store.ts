import { createHash } from 'node:crypto';

/** A manifest as it was pushed. */
export interface StoredManifest {
  readonly mediaType: string;
  readonly bytes: Uint8Array;
  readonly digest: string;
}

/** What a test registry holds. Two registries may share one, as a registry and its blob host do. */
export class RegistryStore {
  readonly #blobs = new Map<string, Uint8Array>();
  readonly #manifests = new Map<string, StoredManifest>();

  blob(repository: string, digest: string): Uint8Array | undefined {
    return this.#blobs.get(`${repository}@${digest}`);
  }

  putBlob(repository: string, bytes: Uint8Array): string {
    const digest = sha256(bytes);
    this.#blobs.set(`${repository}@${digest}`, bytes);
    return digest;
  }

  /** Finds a manifest by tag or digest. */
  manifest(repository: string, reference: string): StoredManifest | undefined {
    return this.#manifests.get(`${repository}@${reference}`);
  }

  putManifest(repository: string, reference: string, mediaType: string, bytes: Uint8Array): string {
    const digest = sha256(bytes);
    const stored = { mediaType, bytes, digest };
    this.#manifests.set(`${repository}@${digest}`, stored);
    this.#manifests.set(`${repository}@${reference}`, stored);
    return digest;
  }
}

/** The digest of bytes, as registries write it. */
export function sha256(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
