import { createHash } from 'node:crypto';

/** A manifest as it was pushed. */
export interface StoredManifest {
  readonly mediaType: string;
  readonly bytes: Uint8Array;
  readonly digest: string;
}

interface StoredRepository {
  readonly blobs: Map<string, Uint8Array>;
  /** By digest, and by each tag. */
  readonly manifests: Map<string, StoredManifest>;
}

/** What a test registry holds. Two registries may share one, as a registry and its blob host do. */
export class RegistryStore {
  readonly #repositories = new Map<string, StoredRepository>();

  blob(repository: string, digest: string): Uint8Array | undefined {
    return this.#repositories.get(repository)?.blobs.get(digest);
  }

  putBlob(repository: string, bytes: Uint8Array): string {
    const digest = sha256(bytes);
    this.#repository(repository).blobs.set(digest, bytes);
    return digest;
  }

  deleteBlob(repository: string, digest: string): void {
    this.#repositories.get(repository)?.blobs.delete(digest);
  }

  /** Finds a manifest by tag or digest. */
  manifest(repository: string, reference: string): StoredManifest | undefined {
    return this.#repositories.get(repository)?.manifests.get(reference);
  }

  putManifest(repository: string, reference: string, mediaType: string, bytes: Uint8Array): string {
    const digest = sha256(bytes);
    const stored = { mediaType, bytes, digest };
    const { manifests } = this.#repository(repository);
    manifests.set(digest, stored);
    manifests.set(reference, stored);
    return digest;
  }

  /** Deletes a tag alone, or by digest a manifest with all tags that name it; false when it is not there. */
  deleteManifest(repository: string, reference: string): boolean {
    const manifests = this.#repositories.get(repository)?.manifests;
    if (manifests === undefined || !manifests.has(reference)) return false;
    if (reference.includes(':')) {
      for (const [name, { digest }] of manifests) if (digest === reference) manifests.delete(name);
    }
    manifests.delete(reference);
    return true;
  }

  /** Names in their order, as lists of the API have them. */
  repositories(): string[] {
    return [...this.#repositories.keys()].sort();
  }

  tags(repository: string): string[] | undefined {
    const manifests = this.#repositories.get(repository)?.manifests;
    return manifests === undefined ? undefined : [...manifests.keys()].filter((name) => !name.includes(':')).sort();
  }

  /** Each manifest once. */
  manifests(repository: string): StoredManifest[] {
    const { manifests } = this.#repositories.get(repository) ?? { manifests: new Map<string, StoredManifest>() };
    return [...manifests].filter(([name, { digest }]) => name === digest).map(([, manifest]) => manifest);
  }

  #repository(name: string): StoredRepository {
    let repository = this.#repositories.get(name);
    if (repository === undefined) {
      repository = { blobs: new Map(), manifests: new Map() };
      this.#repositories.set(name, repository);
    }
    return repository;
  }
}

/** The digest of bytes, as registries write it. */
export function sha256(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
